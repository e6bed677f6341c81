"""The pictures of docs/performance.md, as SVG: `make plots` draws them from results.json."""

import os

os.environ.setdefault("MPLBACKEND", "svg")

import matplotlib
from matplotlib import pyplot

# The same numbers give the same bytes: no date, no random ids, no fonts drawn as paths.
matplotlib.rcParams.update(
    {"svg.hashsalt": "sigv4_mp", "svg.fonttype": "none", "font.size": 9, "axes.spines.top": False}
)
COLOURS = {"ours": "#2a6f97", "textbook": "#c44536", "grey": "#8d99ae"}


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(folder / name, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    return name


def ratios(found, folder):
    """Bars: seal, one-shot sign and a textbook signer over the hash floor, by target."""
    names = list(found["operations"])
    figure, axes = pyplot.subplots(figsize=(7, 3.4))
    series = (
        ("seal", "seal", COLOURS["ours"]),
        ("sign, key cached", "sign, one-shot", "#61a5c2"),
        ("textbook", "textbook", COLOURS["textbook"]),
    )
    for at, (case, label, colour) in enumerate(series):
        values = []
        for name in names:
            cases = found["operations"][name]
            values.append(cases[case]["us"] / cases["floor"]["us"])
        places = [place + (at - 1) * 0.27 for place in range(len(names))]
        bars = axes.bar(places, values, 0.25, label=label, color=colour)
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.set_xticks(range(len(names)), names)
    axes.set_yscale("log")
    axes.set_ylabel("time over the hash floor")
    axes.axhline(1, color=COLOURS["grey"], linewidth=0.8)
    axes.legend(frameon=False, fontsize=8)
    return save(figure, folder, "performance-ratios.svg")


def uploads(found, folder):
    """Stacked bars: where the time of an upload on the board goes."""
    lines = [line for line in found["uploads"]["rp2040"] if line["tls"]]
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    labels = ["%s, %d KiB" % (line["mode"], line["size"] >> 10) for line in lines]
    left = [0.0] * len(lines)
    parts = (
        ("hash", "load modules, hash", "#2a6f97"),
        ("sign", "sign", "#c44536"),
        ("connect", "TLS handshake, check, head", "#8d99ae"),
        ("send", "send and answer", "#a9d6e5"),
    )
    for part, label, colour in parts:
        values = [line[part] / 1e6 for line in lines]
        axes.barh(labels, values, left=left, label=label, color=colour)
        left = [a + b for a, b in zip(left, values)]
    axes.invert_yaxis()
    axes.set_xlabel("seconds on the emulated RP2040, over TLS")
    axes.legend(frameon=False, fontsize=8, ncols=4, loc="lower center", bbox_to_anchor=(0.4, 1))
    return save(figure, folder, "performance-upload.svg")


def loop(found, folder):
    """Lines: bytes alive and the largest free piece, over a day of telemetry."""
    figure, axes = pyplot.subplots(figsize=(7, 3))
    for name, colour in (("unix32", COLOURS["ours"]), ("rp2040", COLOURS["textbook"])):
        lines = found["loop"].get(name)
        if not lines:
            continue
        last = lines[-1]["seals"] or 1
        hours = [24 * line["seals"] / last for line in lines]
        alive = [line["live"] / 1024 for line in lines]
        axes.plot(hours, alive, color=colour, label=name + ", alive")
        largest = [line["largest"] / 1024 for line in lines]
        axes.plot(hours, largest, color=colour, linestyle=":", label=name + ", largest free piece")
    axes.set_xlabel("hours of the compressed day")
    axes.set_ylabel("KiB of heap")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8, ncols=2)
    return save(figure, folder, "performance-loop.svg")


def draw(found, folder):
    """Draw all that the results have numbers for; return {what: file name}."""
    names = {"ratios": ratios(found, folder), "loop": loop(found, folder)}
    if "rp2040" in found["uploads"]:
        names["uploads"] = uploads(found, folder)
    return names
