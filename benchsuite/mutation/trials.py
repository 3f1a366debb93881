"""What a mutation does to the pages, and what Escala makes of it."""

import threading
import time

import mutants
import pages
from laboratory import Failed, Laboratory
from mutants import Span

#: A statement that runs this much more often than it did makes an N+1; once more is what a single object costs.
REPEATS_MIN = 2

#: Pages that Escala sees beside those that reach the mutation, spread over the site's list.
RELATED_MAX = 8

#: Visits of each page to find what the unmutated project has: the first of them fills caches.
NATURAL_ROUNDS = 4


class Baseline:
    """The unmutated project: its pages, what they reach, and what Escala finds in it anyway."""

    def __init__(self, project):
        self.project = project
        self._laboratory = Laboratory(project, project.work / "baseline")
        self._learning = threading.Lock()
        reached, ran = (self._laboratory.directory / name for name in ("reached.json", "ran.json"))
        first = self._laboratory.count("count-1", options=["--reached", reached, "--ran", ran])
        self.original = pages.Original.from_runs(first, self._laboratory.count("count-2"))
        #: Page to line that asks for an eager load to lines that had built the queryset, each with its model.
        self.reached = pages.load(reached)
        #: Page to functions: file, first line, last line.
        self._ran = {
            page: [(path, Span(first, last)) for path, first, last in functions]
            for page, functions in pages.load(ran).items()
        }
        self.findings = None
        self.report = None

    def trace(self):
        """What Escala finds in the project as it is."""
        self._laboratory.trace()
        self.report = self._laboratory.report()
        self.findings = {finding["id"]: finding for finding in self.report["findings"]}

    def natural(self):
        """What Escala finds in the project as it is when people visit it, and what it would change."""
        self._laboratory.trace(options=["--rounds", str(NATURAL_ROUNDS)])
        self._laboratory.report()
        self._laboratory.fix([], write=False)

    def difference(self, visits, asked):
        """The first page that says something else than the unmutated site does, also when that is visited again."""
        if self.original.changed(visits):
            self.learn(asked)
        for page, difference in self.original.changed(visits).items():
            return f"{page}: {difference}"
        return None

    def learn(self, pages=None):
        """Visits these pages of the unmutated site again, or all: what looked like a change may be the clock, or what
        a page says of visits to the others."""
        with self._learning:
            self.original.learn(self._laboratory.count("count-again", pages))

    def reaching(self, mutation):
        """Pages that ask for what the mutation removes; all pages where it runs at import."""
        lines = range(mutation.statement.first, mutation.statement.last + 1)
        spots = {f"{mutation.path}:{line}" for line in lines}
        everywhere = mutation.is_attribute or not spots.isdisjoint(self.reached[""])
        return [page for page in self.original.visits if everywhere or not spots.isdisjoint(self.reached[page])]

    def built(self, mutation):
        """Lines that build the querysets which reach the mutated statement from elsewhere, each with its model."""
        lines = range(mutation.statement.first, mutation.statement.last + 1)
        spots = [f"{mutation.path}:{line}" for line in lines]
        pairs = (pair for reached in self.reached.values() for spot in spots for pair in reached.get(spot, ()))
        return {(built, model) for built, model in pairs}

    def related(self, mutation):
        """The pages that reach the mutation, and some that run a function which it is in, or in which its querysets are
        built: an edit there may do them harm."""
        reaching = self.reaching(mutation)
        spots = [(mutation.path, mutation.statement.first)]
        spots += [
            (path, int(line)) for path, _, line in (built.rpartition(":") for built, _ in self.built(mutation)) if path
        ]
        others = [page for page in self.original.visits if page not in reaching and self._runs(page, spots)]
        step = max(1, -(-len(others) // RELATED_MAX))
        chosen = {*reaching, *others[::step]}
        return [page for page in self.original.visits if page in chosen]

    def running(self, path, spans):
        """Pages that run a function of the file that begins within one of the spans."""
        return [
            page
            for page, functions in self._ran.items()
            if any(file == path and any(span.holds(ran.first) for span in spans) for file, ran in functions)
        ]

    def _runs(self, page, spots):
        return any(file == path and span.holds(line) for file, span in self._ran[page] for path, line in spots)


def screen(baseline, mutation):
    """Whether the mutation counts: `unreached`, `breaks`, `differs`, `no effect`, `single` or `n+1`."""
    reaching = baseline.reaching(mutation)
    if not reaching:
        return {"effect": "unreached"}
    laboratory = Laboratory(baseline.project, directory(baseline.project, mutation))
    laboratory.mutate(mutation)
    try:
        statement = mutation.statement
        under = laboratory.directory / "under.json"
        place = f"{mutation.path}:{statement.first}-{statement.last}"
        visits = laboratory.count("mutated", pages=reaching, options=["--under", place, under])
    except Failed as failure:
        return {"effect": "breaks", "reason": str(failure)}
    finally:
        laboratory.discard()
    difference = baseline.difference(visits, reaching)
    if difference is not None:
        return {"effect": "differs", "reason": difference}
    raised = baseline.original.raised(visits)
    if not raised:
        return {"effect": "no effect"}
    grown = [page for page, (before, after) in raised.items() if after - before >= REPEATS_MIN]
    repeated = [page for page in grown if baseline.original.repeats(visits, page) >= REPEATS_MIN]
    return {
        "effect": "n+1" if repeated else "single",
        "raised": raised,
        "repeated": repeated,
        "under": pages.load(under),
    }


def attempt(baseline, mutation, screened):
    """Lets Escala find the mutation and undo it."""
    started = time.monotonic()
    laboratory = Laboratory(baseline.project, directory(baseline.project, mutation))
    laboratory.mutate(mutation)
    verdict = {"detected": False, "located": None, "restored": False, "wrong": False, "reason": ""}
    try:
        _judge(baseline, mutation, screened, laboratory, verdict)
    except Failed as failure:
        verdict["reason"] = str(failure)
    verdict["seconds"] = round(time.monotonic() - started, 1)
    laboratory.discard()
    return verdict


def _judge(baseline, mutation, screened, laboratory, verdict):
    laboratory.trace(baseline.related(mutation))
    report = laboratory.report()
    endpoints = {baseline.original.visits[page]["endpoint"] for page in screened["repeated"]}
    found = [finding for finding in report["findings"] if _is_new(finding, baseline.findings, endpoints)]
    if not found:
        verdict["reason"] = "no new finding on a page that was raised"
        return
    verdict["detected"] = True
    verdict["findings"] = [_summary(finding) for finding in found]
    verdict["located"] = _located(found, mutation, baseline.built(mutation), screened["under"])

    fixed = laboratory.fix([finding["id"] for finding in found], write=True)
    verdict["fixes"] = [{key: fix[key] for key in ("finding", "status", "reason")} for fix in fixed["fixes"]]
    verdict["diff"] = fixed["together"]["diff"] if fixed["together"] else ""
    if not fixed["written"]:
        reasons = [f"{fix['status']}: {fix['reason']}" for fix in fixed["fixes"]]
        verdict["reason"] = "; ".join(dict.fromkeys(reasons))
        return
    _judge_patch(baseline, mutation, laboratory, fixed["together"]["edits"], verdict)


def _judge_patch(baseline, mutation, laboratory, edits, verdict):
    affected = set(baseline.reaching(mutation))
    for path in {edit["file"] for edit in edits}:
        original, patched = ((tree / path).read_bytes() for tree in (baseline.project.tree, laboratory.tree))
        try:
            functions = mutants.changed_functions(original, patched)
        except SyntaxError as error:
            verdict.update(wrong=True, reason=f"{path} does not parse: {error}")
            return
        affected.update(baseline.original.visits if functions is None else baseline.running(path, functions))
    # In the order of the site's list: what a page says may depend on those before it.
    affected = [page for page in baseline.original.visits if page in affected]
    try:
        visits = laboratory.count("restored", affected)
    except Failed as failure:
        verdict.update(wrong=True, reason=str(failure))
        return
    difference = baseline.difference(visits, affected)
    if difference is not None:
        verdict.update(wrong=True, reason=difference)
        return
    raised = baseline.original.raised(visits)
    if raised:
        page, (before, after) = max(raised.items(), key=lambda item: item[1][1] - item[1][0])
        verdict["reason"] = f"{page}: {after} queries, {before} in the original; on {len(raised)} page(s)"
        return
    verdict["restored"] = True


def _located(found, mutation, built, under):
    """The best of: in the mutated statement, in its function or class, where its queryset comes from, elsewhere."""
    origins = [finding["origin"] for finding in found if finding["origin"] and finding["origin"]["line"]]
    here = [origin["line"] for origin in origins if origin["file"] == mutation.path]
    if any(mutation.statement.holds(line) for line in here):
        return "statement"
    if any(mutation.holder.holds(line) for line in here):
        return "holder"
    # A statement that lost its only queryset method hands on a manager: the queryset is built by what it calls.
    models = {model for _, model in built}
    sources = {line for line, _ in built} | {line for line, model in under if model in models}
    if any(f"{origin['file']}:{origin['line']}" in sources for origin in origins):
        return "source"
    return "elsewhere"


def _is_new(finding, known, endpoints):
    """A finding of a raised page that the unmutated project does not have, or has less of."""
    if not endpoints.intersection(finding["endpoints"]):
        return False
    before = known.get(finding["id"])
    if before is None:
        return True
    added = endpoints.intersection(finding["endpoints"]) - set(before["endpoints"])
    return bool(added) or finding["queries_per_request"] > before["queries_per_request"]


def _summary(finding):
    origin, access = finding["origin"], finding["access"]
    return {
        "rule": finding["rule"],
        "about": finding["relation"] or finding["statement"],
        "origin": origin and f"{origin['file']}:{origin['line']} {origin['function']}",
        "access": access and f"{access['file']}:{access['line']}",
        "suggestion": finding["suggestion"],
    }


def directory(project, mutation):
    """Where the logs of a mutation are."""
    return project.work / "trials" / mutation.name.replace("/", ".").replace(":", "-")
