"""What the pages of a site answered and took, and how two versions of it differ.

A page's body differs from run to run where it shows a token, an id or a time. What varies is learnt from visits to the
*unmutated* site alone: two bodies are cut into words, and the words that differ between them are masked. A page whose
number of words varies by itself cannot be compared, and is left out.
"""

import json
import re
from dataclasses import dataclass, field

#: A number with its unit is one word: every run measures another time.
WORD = re.compile(r"\d+(?:\.\d+)+\w*|\w+|\W")


def load(path):
    """What `inside/visit.py` wrote: page to visit."""
    return json.loads(path.read_text(encoding="utf-8"))


@dataclass
class Original:
    """The unmutated site: its visits, and what varies in them."""

    visits: dict
    masked: dict = field(default_factory=dict)
    #: Pages that cannot be compared, with the reason.
    left_out: dict = field(default_factory=dict)

    @classmethod
    def from_runs(cls, first, *others):
        original = cls({page: {**visit, "words": WORD.findall(visit["body"])} for page, visit in first.items()})
        for page, visit in first.items():
            if visit["status"] >= 400:
                original.left_out[page] = f"status {visit['status']}"
        for other in others:
            original.learn(other)
        return original

    def learn(self, visits):
        """Masks what another run of the unmutated site says differently."""
        for page, visit in visits.items():
            if page in self.left_out:
                continue
            known = self.visits[page]
            words = WORD.findall(visit["body"])
            if visit["queries"] != known["queries"]:
                self.left_out[page] = f"{known['queries']} or {visit['queries']} queries"
            elif visit["status"] != known["status"] or len(words) != len(known["words"]):
                self.left_out[page] = "the response varies"
            else:
                masked = {at for at, (old, new) in enumerate(zip(known["words"], words)) if old != new}
                self.masked.setdefault(page, set()).update(masked)

    def changed(self, visits):
        """Pages whose status or body differs, with the first difference."""
        changed = {}
        for page in visits.keys() - self.left_out.keys():
            difference = self._difference(page, visits[page])
            if difference:
                changed[page] = difference
        return changed

    def _difference(self, page, visit):
        known = self.visits[page]
        if visit["status"] != known["status"]:
            return f"status {known['status']} became {visit['status']}"
        if visit["body"] == known["body"]:
            return None
        words, masked = WORD.findall(visit["body"]), self.masked.get(page, ())
        for at, (old, new) in enumerate(zip(known["words"], words)):
            if old != new and at not in masked:
                before, after = "".join(known["words"][at : at + 12]), "".join(words[at : at + 12])
                return f"{before!r} became {after!r}"
        if len(words) != len(known["words"]):
            return f"{len(known['words'])} words became {len(words)}"
        return None

    def raised(self, visits):
        """Pages that take more queries: page to (before, after)."""
        return {
            page: (self.visits[page]["queries"], visits[page]["queries"])
            for page in visits.keys() - self.left_out.keys()
            if visits[page]["queries"] > self.visits[page]["queries"]
        }

    def repeats(self, visits, page):
        """The most often that one statement runs more than it did. From 2 on it is an N+1.

        What a prefetch asks counts for nothing: it is for all instances at once.
        """
        before = self.visits[page]["statements"]
        after = visits[page]["statements"]
        more = (number - before.get(sql, 0) for sql, number in after.items() if not sql.endswith("*"))
        return max(more, default=0)
