"""From blocks to ratios, tables, and what is below a bar."""

import statistics

import records

#: More CPU than this taken by others makes a block's requests per second worth nothing.
OTHERS_MAX = 0.05


def summarise(blocks):
    """A line per case and server, and a line per case and pair of servers: medians over rounds, with the extremes."""
    lines = []
    for case in in_order(block["case"] for block in blocks):
        of_case = [block for block in blocks if block["case"] == case]
        names = in_order(block["server"] for block in of_case)
        rounds = {name: {block["round"]: block for block in of_case if block["server"] == name} for name in names}
        lines += [medians(case, name, list(rounds[name].values())) for name in names]
        lines += [
            ratios(case, name, other, rounds[name], rounds[other])
            for name in reversed(names)
            for other in names
            if names.index(other) < names.index(name)
        ]
    return lines


def in_order(names):
    return list(dict.fromkeys(names))


def medians(case, name, blocks):
    numbers = ("requests_per_s", "cpu_us", "user_us", "p50_us", "p99_us", "mean_us", "max_us")
    return {
        "summary": case,
        "server": name,
        **{one: statistics.median(block[one] for block in blocks) for one in numbers if one in blocks[0]},
        "errors": sum(block["errors"] + block["refused"] for block in blocks),
        "generator_saturated": sum(block["generator_saturated"] for block in blocks),
        "disturbed": sum(block["busy"]["others"] > OTHERS_MAX for block in blocks),
        "rounds": len(blocks),
    }


def ratios(case, name, other, own, others):
    """Above 1 is better than the other one, in both: more requests in a second, and more in a second of CPU."""
    both = [(own[number], others[number]) for number in own if number in others]
    return {
        "ratio": case,
        "server": name,
        "to": other,
        "requests_per_s": spread(mine["requests_per_s"] / theirs["requests_per_s"] for mine, theirs in both),
        "requests_per_cpu_s": spread(theirs["cpu_us"] / mine["cpu_us"] for mine, theirs in both if mine["cpu_us"]),
    }


def spread(values):
    values = sorted(values)
    if not values:
        return None
    return {"median": round(statistics.median(values), 3), "min": round(values[0], 3), "max": round(values[-1], 3)}


def below(summary, bars):
    """For Escala: a case's requests per second of CPU, to every other server."""
    complaints = []
    for line in summary:
        bar = bars.get(line.get("ratio"))
        if bar and line["server"] == "escala" and line["requests_per_cpu_s"]["median"] < bar:
            median = line["requests_per_cpu_s"]["median"]
            other = line["to"]
            complaints.append(f"{line['ratio']}: {median} times {other}'s requests per second of CPU, not {bar}")
    return complaints


def tables(lines):
    """As they stand in README.md."""
    return "\n\n".join(table for table in (per_case(lines), per_ratio(lines), idle(lines)) if table)


def per_case(lines):
    headings = [
        "case", "server", "requests/s", "CPU per request", "of it in user mode", "p50", "p99", "generator saturated",
        "disturbed",
    ]  # fmt: skip
    rows = [
        [
            line["summary"], line["server"], f"{line['requests_per_s']:.0f}", f"{line['cpu_us']:.1f} µs",
            f"{line['user_us']:.1f} µs", ms(line.get("p50_us")), ms(line.get("p99_us")), of(line, "generator_saturated"),
            of(line, "disturbed"),
        ]
        for line in lines
        if "summary" in line
    ]  # fmt: skip
    rows += [[line["case"], line["server"], line["missing"], *[""] * 6] for line in lines if "missing" in line]
    return records.table(headings, rows) if rows else ""


def of(line, count):
    return f"{line[count]} of {line['rounds']}" if line[count] else "–"


def ms(us):
    return f"{us / 1000:.2f} ms" if us is not None else "–"


def per_ratio(lines):
    rows = [
        [
            line["ratio"], f"{line['server']} / {line['to']}", shown(line["requests_per_s"]),
            shown(line["requests_per_cpu_s"]),
        ]
        for line in lines
        if "ratio" in line
    ]  # fmt: skip
    return records.table(["case", "ratio", "requests/s", "requests per CPU second"], rows) if rows else ""


def shown(one):
    return f"{one['median']:.2f} ({one['min']:.2f}–{one['max']:.2f})" if one else "–"


def idle(lines):
    rows = [
        [
            line["server"], f"{line['before_kb'] / 1024:.1f} MiB", f"{line['after_kb'] / 1024:.1f} MiB",
            f"{line['kb_each']:.1f} kB", line["open"],
        ]
        for line in lines
        if "idle_connections" in line
    ]  # fmt: skip
    return records.table(["server", "before", "with idle connections", "each", "still open"], rows) if rows else ""
