"""DESIGN's goals beside what was measured: every line, met or not.

A row: title, goal, measured, met. One whose target was not measured in this run is left out.
"""

from host_tests import fuzz

BOARD = "rp2040"
KB = 1024


def ratio(found, target, case):
    """Return a case's time over the hash floor of the same run, or None."""
    cases = found["operations"].get(target)
    return cases and cases[case]["ratio"]


def _suite(found):
    told = []
    for target, parts in found["suite"].items():
        right, whole = (sum(part[i] for part in parts.values()) for i in (0, 1))
        told.append((target, right, whole))
    if not told:
        return
    good = all(right == whole for _, right, whole in told)
    words = ", ".join("%s %d of %d" % row for row in told)
    goal = "every case: as published, and under path policies in headers and in queries"
    yield "AWS's published signing suite, header and query", goal, words, good


def _ratios(found):
    for title, target, case, most in (
        ("seal a prepared request, RP2040", BOARD, "seal", 1.4),
        ("seal a prepared request, WebAssembly", "wasm", "seal", 2.4),
        ("one-shot sign, key cached, RP2040", BOARD, "sign, key cached", 4),
    ):
        value = ratio(found, target, case)
        if value:
            yield title, "≤ %g × hash floor" % most, "%.2f ×" % value, value <= most


def _bytes(found):
    for title, case, most in (
        ("seal, bytes allocated", "seal", 900),
        ("one-shot sign, key cached, bytes allocated", "sign, key cached", 3000),
    ):
        values = {
            target: cases[case]["bytes"]
            for target, cases in found["operations"].items()
            if cases[case]["bytes"] is not None
        }
        if values:
            words = ", ".join("%s %s" % (name, f"{value:,}") for name, value in values.items())
            yield title, "≤ {:,}".format(most), words, max(values.values()) <= most


def _peak(found):
    values = {name: cases["sign, key cached"] for name, cases in found.get("peaks", {}).items()}
    if values:
        words = ", ".join("%s %s" % (name, f"{value:,}") for name, value in values.items())
        yield "peak heap of a one-shot sign, bytes", "< 4,424", words, max(values.values()) < 4424


def _files(found):
    if not found["files"]:
        return
    least = {name: min(row["ratio"] for row in rows) for name, rows in found["files"].items()}
    words = ", ".join("%s %.3f" % row for row in least.items())
    judged = least.get(BOARD, min(least.values()))  # the others' clocks are a shared machine's
    goal = "≥ 0.97 (judged on the RP2040; the others' clock is a shared machine's)"
    yield "hash a file: raw loop's time over ours", goal, words, judged >= 0.97
    blocks = [row["bytes"] for rows in found["files"].values() for row in rows]
    blocks = [each for each in blocks if each is not None]
    if blocks:
        yield "the same, bytes allocated per block", "0", "%g" % max(blocks), not max(blocks)


def _uploads(found):
    peaks = found.get("upload peaks")
    if peaks:
        apart = {
            mode: abs(sizes[str(10 * KB * KB)] - sizes[str(10 * KB)])
            for mode, sizes in peaks.items()
        }
        words = ", ".join("%s %d" % row for row in apart.items())
        title = "upload 10 MiB: peak heap apart from that of 10 KiB, bytes"
        yield title, "≤ 64, any mode", words, max(apart.values()) <= 64


def _chunks(found):
    rows = {name: row for name, row in found["streams"].items() if row["garbage"][1]}
    if rows:
        words = ", ".join("%s %d to %d" % (name, *row["garbage"]) for name, row in rows.items())
        most = max(row["garbage"][1] for row in rows.values())
        yield "signed chunks: garbage of each, bytes", "constant, ≤ 1,536", words, most <= 1536
        derived = max(row["derived"] for row in rows.values())
        chunks = max(row["chunks"] for row in rows.values())
        words = "%d for %d chunks" % (derived, chunks)
        yield "signed chunks: signing keys derived", "1", words, derived == 1


def _sizes(found):
    core, whole = (found["groups"][name] for name in ("sign with a header", "all"))
    yield ".mpy of floor 0 (header auth only)", "≤ 8,192", "{:,}".format(core), core <= 8 * KB
    yield ".mpy of the whole library", "≤ 49,152", "{:,}".format(whole), whole <= 48 * KB


def _cpython(found):
    signers = found.get("signers")
    if signers:
        for title, name in (
            ("sign on CPython", "sigv4_mp"),
            ("… the same, prepared and sealed", "sigv4_mp, prepared"),
        ):
            value = signers["botocore"]["us"] / signers[name]["us"]
            goal = "≥ 3 × botocore's `SigV4Auth`"
            yield title, goal, "%.1f ×" % value, value >= 3


def _differential(found):
    done = fuzz.total(fuzz.read(), fuzz.version())
    words = "%s in %s" % (f"{done['disagreements']:,}", f"{done['requests']:,}")
    if done["dates"]:
        words += " (`make fuzz`, %s)" % max(done["dates"])
    good = done["requests"] >= 1000000 and not done["disagreements"]
    title = "disagreements with awscrt, botocore and a textbook, differential runs of this signer"
    yield title, "0 in 1,000,000", words, good


PARTS = (
    _suite,
    _ratios,
    _bytes,
    _peak,
    _files,
    _uploads,
    _chunks,
    _sizes,
    _cpython,
    _differential,
)


def rows(found):
    """Return [(title, goal, measured, met), ...] of results."""
    return [row for part in PARTS for row in part(found)]
