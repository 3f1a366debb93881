"""Results: one JSON line per fact, printed when it is known and kept in one file."""

import json
import time


class Record:
    def __init__(self, directory, campaign):
        self.stem = f"{time.strftime('%Y-%m-%d')}-{campaign}"
        self.directory = directory
        self.lines = []

    def say(self, line):
        print(json.dumps(line), flush=True)
        self.lines.append(line)

    def keep(self):
        write(self.directory / f"{self.stem}.jsonl", self.lines)

    def keep_beside(self, name, lines):
        """A longer list that is not printed."""
        write(self.directory / f"{self.stem}-{name}.jsonl", lines)


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def table(headings, rows):
    """As it stands in README.md; the first column is text, the others are numbers."""
    marks = ["---", *["--:"] * (len(headings) - 1)]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in [headings, marks, *rows])
