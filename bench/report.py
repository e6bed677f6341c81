"""docs/performance.md and its pictures, from results.json: every number in them is from there."""

from pathlib import Path

GOALS = (
    ("seal a prepared request, RP2040", "≤ 1.4 × floor", ("rp2040", "seal", "ratio")),
    ("seal a prepared request, WebAssembly", "≤ 2.4 × floor", ("wasm", "seal", "ratio")),
    ("seal, bytes allocated (32-bit)", "≤ 900", ("unix32", "seal", "bytes")),
    ("one-shot sign, key cached, RP2040", "≤ 4 × floor", ("rp2040", "sign, key cached", "ratio")),
    ("one-shot sign, bytes allocated", "≤ 3,000", ("unix32", "sign, key cached", "bytes")),
)
TITLES = {
    "floor": "hash floor",
    "seal": "seal a prepared request",
    "check": "check a head before it is sent",
    "prepare": "prepare",
    "sign, key cached": "sign, one-shot, key cached",
    "sign, first time": "sign, first of a day",
    "presign": "presign",
    "textbook": "a textbook signer (`bench/on_target/textbook.py`)",
    "derive key": "derive a signing key",
    "chunk of 8 KiB": "sign a chunk of 8 KiB",
    "hash of 8 KiB": "hash 8 KiB",
}


def table(head, rows):
    """Return a Markdown table, str."""
    lines = ["| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))]
    lines += ["| %s |" % " | ".join(str(cell) for cell in row) for row in rows]
    return "\n".join(lines) + "\n"


def number(value):
    """Return a time for a table, with three digits that count."""
    if value >= 100:
        return "{:,.0f}".format(value)
    return "%.3g" % value


def operations(found):
    names = list(found["operations"])
    head = ["operation"]
    for name in names:
        head += ["%s, µs" % name, "× floor"]
    rows = []
    for case, title in TITLES.items():
        row = [title]
        for name in names:
            cases = found["operations"][name]
            row.append(number(cases[case]["us"]))
            row.append("%.2f" % (cases[case]["us"] / cases["floor"]["us"]))
        rows.append(row)
    return table(head, rows)


def allocated(found):
    names = [name for name in found["operations"] if name != "cpython"]
    rows = [
        [title] + [found["operations"][name][case]["bytes"] for name in names]
        for case, title in TITLES.items()
    ]
    return table(["bytes allocated by one call"] + names, rows)


def goals(found):
    rows = []
    for title, goal, (name, case, what) in GOALS:
        cases = found["operations"].get(name)
        if cases is None:
            continue
        row = cases[case]
        value = row["bytes"] if what == "bytes" else row["us"] / cases["floor"]["us"]
        rows.append((title, goal, "{:,}".format(value) if what == "bytes" else "%.2f ×" % value))
    if "signers" in found:
        botocore, own = (found["signers"][name]["us"] for name in ("botocore", "sigv4_mp"))
        rows.append(("sign on CPython", "≥ 3 × botocore", "%.1f ×" % (botocore / own)))
        own = found["signers"]["sigv4_mp, prepared"]["us"]
        rows.append(("seal on CPython", "", "%.1f × botocore" % (botocore / own)))
    core = (
        "errors encode amzdate digest canonical layout keys request payload header_auth prepared"
        " sealed signer"
    )
    size = sum(found["sizes"][name] for name in core.split())
    rows.append((".mpy of floor 0, header only", "≤ 8 KB", "{:,}".format(size)))
    rows.append((".mpy of all", "≤ 48 KB", "{:,}".format(sum(found["sizes"].values()))))
    return table(("DESIGN's goal", "goal", "measured"), rows)


def signers(found):
    rows = []
    slowest = found["signers"]["botocore"]["us"]
    for name, row in sorted(found["signers"].items(), key=lambda pair: pair[1]["us"]):
        spread = "%.1f to %.1f" % tuple(row["spread"])
        rows.append((name, "%.1f" % row["us"], spread, "%.1f ×" % (slowest / row["us"])))
    return table(("signer", "µs, best of 7", "spread", "botocore's speed"), rows)


def uploads(found, name):
    rows = []
    for line in found["uploads"][name]:
        how = "%s%s" % (line["mode"], ", TLS" if line["tls"] else "")
        parts = [line[part] / 1000 for part in ("hash", "sign", "connect", "send", "whole")]
        rows.append([how, "{:,}".format(line["size"])] + [number(part) for part in parts])
    head = ["mode", "bytes", "load, hash, ms", "sign", "connect, check", "send", "whole"]
    return table(head, rows)


def imports(found):
    rows = []
    for name, ways in found["modules"].items():
        for way, lines in ways.items():
            counted = [line for line in lines if not line["module"].startswith("(")]
            held = [line["bytes"] for line in counted if line["bytes"] is not None]
            spent = sum(line["us"] for line in counted) / 1000
            pause = [line["us"] for line in lines if line["module"].startswith("(")][0] / 1000
            size = "{:,}".format(sum(held)) if held else "-"
            rows.append((name, way, len(counted), size, number(spent), "%.2f" % pause))
    head = ("target", "shipped as", "modules", "RAM, bytes", "import, ms", "a collection then, ms")
    return table(head, rows)


def write(found, path):
    """Write docs/performance.md (a Path) and the pictures beside it."""
    from bench import plots

    names = plots.draw(found, path.parent)
    text = [
        "# Performance\n",
        "Printed by `make bench` on %s (%s). The emulated board's times are its own, in cycles of a"
        % (found["date"], found["machine"]),
        "125 MHz RP2040, and repeat exactly; the others vary with the machine: look at the ratios.",
        "*Hash floor*: the SHA-256 calls that no signer can avoid, with ready buffers.\n",
        "\n".join("- %s: %s" % pair for pair in found["versions"].items()) + "\n",
        "## Goals\n",
        goals(found),
        (Path(__file__).with_name("why.md")).read_text(encoding="utf-8"),
        "## Operations\n",
        operations(found),
        allocated(found),
        "![Time over the hash floor](%s)\n" % names["ratios"],
    ]
    if "signers" in found:
        text += ["## Signers of CPython, one run\n", signers(found)]
    for name in found["uploads"]:
        text += ["## Where an upload's time goes: %s\n" % name, uploads(found, name)]
    if "uploads" in names:
        text.append("![An upload on the board](%s)\n" % names["uploads"])
    text += ["## What importing costs\n", imports(found)]
    text += [
        "All that a program with S3, a trusted clock and both shells loads, one after another.\n",
        "## A day of telemetry\n",
        "A prepared request sealed again and again with a new date and payload, 100,000 times",
        "(2,000 on the board); every fiftieth (hundredth) is sent over one kept connection.",
        "The heap, after a collection:\n",
        "![Heap over a day](%s)\n" % names["loop"],
    ]
    path.write_text("\n".join(text), encoding="utf-8")
