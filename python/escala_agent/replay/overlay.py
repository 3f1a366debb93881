"""A candidate's source, laid over the files on disk at the moment they are imported."""

import os
from importlib.machinery import SourceFileLoader


class Overlay:
    """Text that is compiled instead of what the file holds. Bytecode is neither read nor written for these files."""

    def __init__(self, files, on_import=None):
        self._sources = {os.path.realpath(path): text.encode("utf-8") for path, text in files.items()}
        self._on_import = on_import
        self._imported = set()

    def install(self):
        """Makes every later import of these files see the text."""
        if not self._sources:
            return
        from_file = SourceFileLoader.get_code

        def get_code(loader, fullname):
            filename = loader.get_filename(fullname)
            path = os.path.realpath(filename)
            source = self._sources.get(path)
            if source is None:
                return from_file(loader, fullname)
            self._imported.add(path)
            if self._on_import is not None:
                self._on_import(path)
            return loader.source_to_code(source, filename)

        SourceFileLoader.get_code = get_code

    def not_imported(self):
        """Files of the overlay that nothing has imported so far: what they hold made no difference."""
        return sorted(self._sources.keys() - self._imported)
