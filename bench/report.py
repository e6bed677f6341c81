"""docs/performance.md and its pictures, from results.json: every number in them is from there."""

from bench import goals
from bench.tables import count, number, size_text, spread, table, us

TITLES = {
    "floor": "hash floor",
    "seal": "seal a prepared request",
    "check": "check a head before it is sent (verify our own)",
    "prepare": "prepare",
    "sign, key cached": "sign, one-shot, key cached (warm)",
    "sign, first time": "sign, one-shot, key derived (first of a day)",
    "presign": "presign",
    "textbook": "a textbook signer (`bench/on_target/textbook.py`)",
    "derive key": "derive a signing key",
    "chunk of 8 KiB": "sign a chunk of 8 KiB",
    "hash of 8 KiB": "hash 8 KiB",
}
MIB = 1 << 20
BOARD = "rp2040"


def goal_table(found):
    rows = [(*row[:3], "yes" if row[3] else "**no**") for row in goals.rows(found)]
    return table(("DESIGN's goal", "goal", "measured", "met"), rows)


def operations(found):
    names = list(found["operations"])
    head = ["operation"]
    for name in names:
        head += ["%s, µs" % name, "× floor"]
    rows = []
    for case, title in TITLES.items():
        row = [title]
        for name in names:
            row.append(spread(found["operations"][name][case]))
            row.append("%.2f" % goals.ratio(found, name, case))
        rows.append(row)
    return table(head, rows)


def memory(found):
    names = [name for name in found["operations"] if name != "cpython"]
    peaks = list(found.get("peaks", {}))
    head = ["bytes of one call"] + ["allocated, " + name for name in names]
    head += ["peak heap, " + name for name in peaks]
    rows = []
    for case, title in TITLES.items():
        row = [title] + [count(found["operations"][name][case]["bytes"]) for name in names]
        rows.append(row + [count(found["peaks"][name].get(case)) for name in peaks])
    return table(head, rows)


def first(found):
    rows = []
    for name, row in found["first"].items():
        warm = found["operations"][name]["sign, key cached"]
        rows.append(
            (name, spread(row["import"], 1000), spread(row["sign"], 1000), spread(warm, 1000))
        )
    head = ("target", "import the signer, ms", "then derive the key and sign", "a warm sign")
    return table(head, rows)


def files(found):
    rows = []
    for name, lines in found["files"].items():
        for line in lines:
            cells = spread(line["raw"], 1000), spread(line["ours"], 1000), "%.3f" % line["ratio"]
            garbage = "-" if line["bytes"] is None else "%g" % line["bytes"]
            rows.append((name, line["block"], *cells, garbage))
    head = ("target", "block", "raw loop, ms", "`hash_reader`", "ratio", "bytes a block")
    return table(head, rows)


def signers(found):
    rows = []
    slowest = found["signers"]["botocore"]["us"]
    for name, row in sorted(found["signers"].items(), key=lambda pair: pair[1]["us"]):
        rows.append((name, spread(row), "%.1f ×" % (slowest / row["us"])))
    return table(("signer", "µs, median of 7 (spread)", "botocore's speed"), rows)


def per_mib(lines, what):
    """Return {(mode, tls): us per MiB}: the slope between the smallest and the largest size."""
    found = {}
    for mode, tls in sorted({(line["mode"], line["tls"]) for line in lines}):
        mine = [line for line in lines if (line["mode"], line["tls"]) == (mode, tls)]
        small, large = (pick(mine, key=lambda line: line["size"]) for pick in (min, max))
        if what == "cpu":
            spent = [line["cpu"]["us"] for line in (small, large)]
        else:
            spent = [line["hash"]["us"] + line["send"]["us"] for line in (small, large)]
        found[mode, tls] = (spent[1] - spent[0]) / (large["size"] - small["size"]) * MIB
    return found


def cost_per_mib(found):
    names = list(found["uploads"])
    per = {
        name: per_mib(lines, "send" if name == BOARD else "cpu")
        for name, lines in found["uploads"].items()
    }
    rows = []
    for mode, tls in sorted(set().union(*per.values())):
        cells = [number(per[name][mode, tls] / 1000) for name in names]
        rows.append([mode + (", TLS" if tls else ", plain TCP"), *cells])
    floor = ["SHA-256 alone, from a file"]
    for name in names:
        line = found["files"][name][-1]
        floor.append(number(line["raw"]["us"] * 16 / 1000))
    head = ["mode"] + [
        name + (", ms of its time" if name == BOARD else ", ms of CPU") for name in names
    ]
    return table(head, [*rows, floor])


def uploads(found, name):
    rows = []
    for line in found["uploads"][name]:
        how = "%s%s" % (line["mode"], ", TLS" if line["tls"] else "")
        parts = [us(line[part], 1000) for part in ("hash", "sign", "connect", "send")]
        rows.append([how, count(line["size"]), *parts, spread(line["whole"], 1000)])
    head = ["mode", "bytes", "hash, ms", "sign", "connect, check", "send", "whole (spread)"]
    return table(head, rows)


def upload_peaks(found):
    peaks = found["upload peaks"]
    sizes = list(next(iter(peaks.values())))
    rows = [
        [mode, *(count(values[size]) for size in sorted(sizes, key=int))]
        for mode, values in peaks.items()
    ]
    head = ["peak live heap, bytes"] + [size_text(size) for size in sorted(map(int, sizes))]
    return table(head, rows)


def page(found, names=None):
    """Return the text of docs/performance.md. names: {what: file name} of the pictures."""
    from bench import pages

    return pages.page(found, names or {})


def write(found, path):
    """Write docs/performance.md (a Path) and the pictures beside it."""
    from bench import plots

    path.write_text(page(found, plots.draw(found, path.parent)), encoding="utf-8")
