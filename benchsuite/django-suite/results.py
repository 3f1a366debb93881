"""What a campaign shows and keeps: a table for people, a summary for programs. Never the outcome of every test."""

import json
import platform
import sqlite3
from dataclasses import asdict, dataclass

from comparison import OUTCOMES, REAL
from suite import Plan, Run


@dataclass(frozen=True)
class Campaign:
    """Both sides of one Django on one database, and what differs."""

    django: str
    database: str
    plan: Plan
    bare: Run
    injected: Run
    differences: list

    def problems(self):
        """Why the campaign fails; empty when the agent changed nothing and was there to."""
        real = [row for row in self.differences if row.verdict == REAL]
        problems = [f"{row.test}: {row.bare} without, {row.injected} with" for row in real]
        if self.injected.recorded == 0:
            problems.append("the agent recorded nothing: this run shows nothing")
        if self.injected.disarmed:
            problems.append("the agent switched itself off during the run")
        return problems


def table(campaign):
    """Markdown, which reads well in a terminal too."""
    head = ["", "ran", *OUTCOMES, "seconds", "sha256 of the outcomes"]
    rows = [head, ["---"] * len(head)]
    for name, run in (("without", campaign.bare), ("with the agent", campaign.injected)):
        counts = run.outcomes.counts()
        cells = [sum(counts.values()), *(counts[outcome] for outcome in OUTCOMES), round(run.seconds)]
        rows.append([name, *(f"{cell:,}" for cell in cells), f"`{run.outcomes.digest()[:16]}`"])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def markdown(campaign):
    """The page for people."""
    parts = [
        f"# Django {campaign.django}'s own test suite on {campaign.database}",
        f"Run with Python {platform.python_version()}"
        + (f" and SQLite {sqlite3.sqlite_version}" if campaign.database == "sqlite" else "")
        + f". To run it again: `{command(campaign)}`.",
        table(campaign),
        f"The agent recorded {campaign.injected.recorded:,} units of work and lost {campaign.injected.dropped:,}.",
        _differences(campaign.differences),
        _broken(campaign),
    ]
    if campaign.plan.labels:
        parts.insert(2, "Only what the labels name, not the whole suite.")
    return "\n\n".join(parts) + "\n"


def _differences(found):
    if not found:
        return "No test ended differently."
    lines = ["Tests that ended differently, and what running each again, alone and with its application, said:", ""]
    for row in found:
        lines.append(f"- `{row.test}`: {row.bare} without, {row.injected} with. **{row.verdict.capitalize()}**.")
    return "\n".join(lines)


def _broken(campaign):
    """Failures that are the machine's or the run's, not the agent's: they stand on the bare side."""
    broken = campaign.bare.outcomes.broken()
    if not broken:
        return "Nothing failed without the agent."
    return "\n".join(["Tests that failed without the agent:", "", *(f"- `{test}`" for test in broken)])


def command(campaign):
    """What a person types to see the same."""
    series = campaign.django.rsplit(".", 1)[0]
    words = ["cargo xtask bench django-suite", f"--django {series}", f"--database {campaign.database}"]
    words.append(f"--parallel {campaign.plan.parallel}")
    if campaign.plan.labels:
        words.append("--labels " + " ".join(campaign.plan.labels))
    return " ".join(words)


def summary(campaign):
    """The same for programs."""
    return {
        "django": campaign.django,
        "python": platform.python_version(),
        "database": campaign.database,
        "labels": list(campaign.plan.labels),
        "parallel": campaign.plan.parallel,
        "bare": _side(campaign.bare),
        "injected": _side(campaign.injected)
        | {"recorded": campaign.injected.recorded, "dropped": campaign.injected.dropped},
        "differences": [asdict(row) for row in campaign.differences],
        "broken_without_the_agent": campaign.bare.outcomes.broken(),
    }


def _side(run):
    return {
        "outcomes": run.outcomes.counts(),
        "sha256": run.outcomes.digest(),
        "status": run.status,
        "seconds": round(run.seconds, 1),
    }


def write(campaign, directory):
    """Both files, named by what was run."""
    part = "-part" if campaign.plan.labels else ""
    series = campaign.django.rsplit(".", 1)[0]
    name = f"django-{series}-{campaign.database}{part}"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{name}.md").write_text(markdown(campaign), encoding="utf-8")
    text = json.dumps(summary(campaign), indent=2, ensure_ascii=False)
    (directory / f"{name}.json").write_text(text + "\n", encoding="utf-8")
