"""Call a function when a module has been imported, without importing it."""

import sys


class _Loader:
    """The module's own loader, with a callback behind ``exec_module``."""

    def __init__(self, loader, callback):
        self._loader = loader
        self._callback = callback

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        # The module must look as if nobody had been here.
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._callback(module)


class _Finder:
    """Stands first on ``sys.meta_path``; answers only for the modules that are waited for."""

    def __init__(self, callbacks):
        self._callbacks = callbacks

    def find_spec(self, name, path=None, target=None):
        callback = self._callbacks.get(name)
        if callback is None:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    del self._callbacks[name]
                    spec.loader = _Loader(spec.loader, callback)
                return spec
        return None


def when_imported(callbacks):
    """Call ``callbacks[name](module)`` after each named module has run; at once for those already there."""
    waiting = {}
    for name, callback in callbacks.items():
        module = sys.modules.get(name)
        if module is None:
            waiting[name] = callback
        else:
            callback(module)
    if waiting:
        sys.meta_path.insert(0, _Finder(waiting))
