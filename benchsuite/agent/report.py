"""From raw blocks to the table."""

import json
import statistics

import ratios


def markdown(runs):
    lines = [_about(runs["about"]), ""]
    for database in runs["about"]["databases"]:
        for page in runs["about"]["pages"]:
            lines += [f"### {database}, {page}", "", *_table(runs, database, page), ""]
    lines += _memory(runs)
    lines += _startup(runs["startup"])
    return "\n".join(lines)


def write(runs, directory):
    """The raw runs and the table, under a name that says when and with what, but not where."""
    about = runs["about"]
    minor = ".".join(about["python"].split(".")[:2])
    kind = "keep-alive" if about["worker"].startswith("gthread") else "sync"
    stem = f"{about['date']}-python{minor}-{about['cpus']}cpu-{kind}"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{stem}.json").write_text(_json(runs))
    (directory / f"{stem}.md").write_text(f"# {stem}\n\n{markdown(runs)}\n")


def _json(runs):
    """One line per block: runs are compared with `git diff`."""
    head = {name: value for name, value in runs.items() if name != "blocks"}
    text = json.dumps(head, indent=1)
    blocks = ",\n  ".join(json.dumps(block) for block in runs["blocks"])
    return f'{text[:-2]},\n "blocks": [\n  {blocks}\n ]\n}}\n'


def _about(about):
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return (
        f"{about['date']}: CPython {about['python']}, {packages}; {about['cpus']} CPUs, gunicorn {about['worker']}; "
        f"CONN_MAX_AGE {about['conn_max_age']}; {about['rounds']} rounds of blocks of {about['block_seconds']} s. "
        "Ratios are medians over rounds, with 95 % intervals; 1 is the bare site."
    )


def _table(runs, database, page):
    rows = [
        "| variant | requests/s | ratio | CPU per request | throughput per CPU, ratio |",
        "|---|--:|--:|--:|--:|",
    ]
    blocks = [block for block in runs["blocks"] if (block["database"], block["page"]) == (database, page)]
    bare = {block["round"]: block for block in blocks if block["variant"] == "bare"}
    for name in runs["about"]["variants"]:
        own = [block for block in blocks if block["variant"] == name]
        rate = statistics.median(block["requests"] / block["seconds"] for block in own)
        cpu_us = statistics.median(_cpu_us(block) for block in own)
        rates = [_rate(block) / _rate(bare[block["round"]]) for block in own]
        cpus = [_cpu_us(bare[block["round"]]) / _cpu_us(block) for block in own]
        rows.append(
            f"| {_label(runs, name)} | {rate:.1f} | {_ratio(rates, name)} | {cpu_us:.0f} µs | {_ratio(cpus, name)} |"
        )
    return rows


def _rate(block):
    return block["requests"] / block["seconds"]


def _cpu_us(block):
    return block["cpu_ns"] / block["requests"] / 1_000


def _ratio(values, name):
    if name == "bare":
        return "1"
    median, interval = ratios.median_with_interval(values)
    if interval is None:
        return f"{median:.3f}"
    return f"**{median:.3f}** ({interval[0]:.3f}–{interval[1]:.3f})"


def _label(runs, name):
    version = runs["about"]["peers"].get(name)
    return f"{name} {version}" if version else name


def _memory(runs):
    peaks = [row for row in runs["memory"] if "peak_kb" in row]
    lines = ["### Memory of the worker", "", "| variant | database | most resident | more than bare |", "|---|---|--:|--:|"]
    bare = {row["database"]: row["peak_kb"] for row in peaks if row["variant"] == "bare"}
    for row in peaks:
        more = row["peak_kb"] - bare[row["database"]]
        lines.append(
            f"| {row['variant']} | {row['database']} | {row['peak_kb'] / 1024:.1f} MiB | {more / 1024:+.1f} MiB |"
        )
    lines.append("")
    for row in runs["memory"]:
        if "resident_kb" in row:
            readings = "; ".join(
                f"{kb / 1024:.1f} MiB after {requests} requests" for requests, kb in row["resident_kb"].items()
            )
            lines.append(f"- {row['variant']}, {row['database']}, `{row['path']}`: {readings}")
    return [*lines, ""]


def _startup(times):
    if times is None:
        return []
    parts = [f"{name} {one['wall_ms']:.0f} ms ({one['cpu_ms']:.0f} ms of CPU)" for name, one in times.items()]
    return ["### Start of `manage.py check`", "", ", ".join(parts), ""]
