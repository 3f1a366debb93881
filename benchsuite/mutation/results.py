"""What is kept of a campaign: a line per mutation while it runs, a summary per project, and the table."""

import json


class Journal:
    """JSON lines, one per mutation; the last one counts."""

    def __init__(self, path):
        self._path = path
        self.entries = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                self.entries[entry["mutation"]] = entry

    def add(self, mutation, entry):
        entry = {"mutation": mutation.name, **entry}
        self.entries[mutation.name] = entry
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def get(self, mutation):
        return self.entries.get(mutation.name)


def summary(project, baseline, mutations, screened, judged):
    """A project's results, as they are committed."""
    lines = []
    for mutation in mutations:
        screen = screened.get(mutation) or {"effect": "not tried"}
        verdict = judged.get(mutation) or {}
        line = {"mutation": mutation.name, "removed": mutation.removed, "effect": screen["effect"]}
        if screen["effect"] in ("breaks", "differs"):
            line["reason"] = screen["reason"]
        if verdict:
            line |= {key: verdict[key] for key in ("detected", "located", "restored", "wrong", "reason")}
        lines.append(line)
    return {
        "project": project.name,
        "style": project.style,
        "packages": installed(project),
        "pages": len(baseline.original.visits),
        "left_out": baseline.original.left_out,
        "mutations": lines,
    }


def installed(project):
    """The pins of Django and of the packages under test."""
    pins = [line.strip() for line in project.requirements.read_text(encoding="utf-8").splitlines() if "==" in line]
    packages = {package.replace("_", "-") for package in project.packages}
    wanted = {"django"} | packages | {f"{prefix}-{package}" for prefix in ("django", "wagtail") for package in packages}
    return [pin for pin in pins if pin.split("==")[0].lower() in wanted]


def write(directory, summary):
    directory.mkdir(parents=True, exist_ok=True)
    head = {key: value for key, value in summary.items() if key != "mutations"}
    lines = ",\n".join("    " + json.dumps(line) for line in summary["mutations"])
    text = json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "mutations": [\n' + lines + "\n  ]\n}\n"
    (directory / f"{summary['project']}.json").write_text(text, encoding="utf-8")


HEADER = (
    "| project | style | eager loads | reached | that count | N+1 | tried | detected | located | restored | wrong patches |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def table(directory):
    """All projects, as Markdown."""
    rows, totals = [], [0] * 9
    for path in sorted(directory.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        figures = _figures(told["mutations"])
        totals = [total + figure for total, figure in zip(totals, figures)]
        rows.append(_row(told["project"], told["style"], figures))
    return "\n".join([HEADER, *rows, _row("**all**", "", totals)])


def _figures(lines):
    tried = [line for line in lines if line["effect"] == "n+1" and "detected" in line]
    return [
        len(lines),
        sum(line["effect"] not in ("unreached", "not tried") for line in lines),
        sum(line["effect"] in ("single", "n+1") for line in lines),
        sum(line["effect"] == "n+1" for line in lines),
        len(tried),
        sum(line.get("detected", False) for line in tried),
        sum(line.get("located") in ("statement", "holder", "source") for line in tried),
        sum(line.get("restored", False) for line in tried),
        sum(line.get("wrong", False) for line in lines),
    ]


def _row(name, style, figures):
    loads, reached, counting, repeating, tried, *outcomes, wrong = figures
    shares = [f"{outcome} ({outcome / tried:.0%})" if tried else "0" for outcome in outcomes]
    return f"| {name} | {style} | {loads} | {reached} | {counting} | {repeating} | {tried} | {' | '.join(shares)} | {wrong} |"
