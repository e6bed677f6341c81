"""The pictures of docs/performance.md, as SVG: `make plots` draws them from results.json."""

import os

os.environ.setdefault("MPLBACKEND", "svg")

import matplotlib
from matplotlib import pyplot
from matplotlib.ticker import FixedLocator, NullLocator

from bench.tables import size_text

# The same numbers give the same bytes: no date, no random ids, no fonts drawn as paths.
STYLE = {
    "svg.hashsalt": "sigv4_mp",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
# Okabe and Ito's colours, which those who don't see red and green apart can tell; and a mark each.
BLUE, SKY, ORANGE, GREEN, PINK, GREY = (
    "#0072B2",
    "#56B4E9",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#777777",
)
MODES = {
    "hash": (BLUE, "o"),
    "chunked": (ORANGE, "s"),
    "chunked-trailer": (GREEN, "^"),
    "unsigned": (PINK, "v"),
    "unsigned-trailer": (SKY, "D"),
}
BOARD = "rp2040"
ABOVE = {"ncols": 5, "loc": "upper center", "bbox_to_anchor": (0.5, 1.05)}


def save(figure, folder, name):
    figure.tight_layout()
    figure.savefig(folder / name, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    return name


def size_axis(axes, sizes):
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([size_text(size) for size in sizes])
    axes.set_xlabel("size of the body")


def ratios(found, folder):
    """Bars: seal, one-shot sign and a textbook signer over the hash floor, by target."""
    names = list(found["operations"])
    figure, axes = pyplot.subplots(figsize=(7, 3.6))
    series = (
        ("seal", "seal", BLUE),
        ("sign, key cached", "sign, one-shot", SKY),
        ("textbook", "a textbook signer", ORANGE),
    )
    for at, (case, label, colour) in enumerate(series):
        values = [found["operations"][name][case]["ratio"] for name in names]
        places = [place + (at - 1) * 0.27 for place in range(len(names))]
        bars = axes.bar(places, values, 0.25, label=label, color=colour)
        axes.bar_label(bars, fmt="%.1f", fontsize=7, padding=1)
    axes.set_xticks(range(len(names)), names)
    axes.set_yscale("log")
    axes.set_ylim(0.8, None)
    axes.set_yticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_ylabel("time, in hash floors of the same target")
    axes.axhline(1, color=GREY, linewidth=0.8)
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))
    return save(figure, folder, "performance-ratios.svg")


def uploads(found, folder):
    """Stacked bars: where the time of an upload on the board goes."""
    lines = [line for line in found["uploads"][BOARD] if line["tls"]]
    lines.sort(key=lambda line: line["size"])
    figure, axes = pyplot.subplots(figsize=(7, 3.8))
    labels = ["%s, %s" % (line["mode"], size_text(line["size"])) for line in lines]
    left = [0.0] * len(lines)
    parts = (
        ("connect", "TLS handshake, check, head", GREY),
        ("hash", "hash the body", BLUE),
        ("sign", "sign", ORANGE),
        ("send", "send, and the answer", SKY),
    )
    for part, label, colour in parts:
        values = [line[part]["us"] / 1e6 for line in lines]
        axes.barh(labels, values, left=left, label=label, color=colour)
        left = [a + b for a, b in zip(left, values)]
    axes.invert_yaxis()
    axes.set_xlabel("seconds on the emulated RP2040, over TLS")
    axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.4, 1), columnspacing=1)
    return save(figure, folder, "performance-upload.svg")


def loop(found, folder):
    """Lines: bytes alive and the largest free piece, over a day of telemetry."""
    figure, axes = pyplot.subplots(figsize=(7, 3.2))
    for name, colour in (("unix32", BLUE), (BOARD, ORANGE)):
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
    axes.set_xticks(range(0, 25, 4))
    axes.set_ylabel("KiB of heap")
    axes.set_ylim(bottom=0)
    axes.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1))
    return save(figure, folder, "performance-loop.svg")


def heap(found, folder):
    """Two panels: the live heap's largest over the size of the body, and how far it moves."""
    figure, panels = pyplot.subplots(1, 2, figsize=(8, 3.8))
    peaks = found["upload peaks"]
    for at, (mode, (colour, mark)) in enumerate(MODES.items()):
        sizes = sorted(map(int, peaks[mode]))
        beside = [size * 2 ** (0.4 * (at - 2)) for size in sizes]  # they would hide each other
        values = [peaks[mode][str(size)] for size in sizes]
        moved = [value - peaks[mode][str(10 << 10)] for value in values]
        style = {"color": colour, "marker": mark, "markersize": 4, "linewidth": 0.8}
        panels[0].plot(beside, [value / 1024 for value in values], label=mode, **style)
        panels[1].plot(beside, moved, **style)
    for axes in panels:
        size_axis(axes, sizes)
        axes.tick_params(axis="x", labelsize=8, rotation=30)
    panels[0].set_ylim(0, 140)
    panels[0].set_ylabel("live heap's largest, KiB")
    panels[0].set_title("unix32, over TLS, all that is loaded counted", fontsize=9)
    panels[1].set_ylim(-160, 160)
    panels[1].set_yticks(range(-128, 129, 64))
    for bound in (-64, 64):
        panels[1].axhline(bound, color=GREY, linewidth=0.8, linestyle="--")
    panels[1].set_ylabel("bytes apart from 10 KiB")
    panels[1].set_title("the same, enlarged; dashed: the goal", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), **ABOVE)
    return save_wide(figure, folder, "performance-heap.svg")


def growth(found, folder):
    """Two panels: time and CPU of an upload over its size, by mode."""
    lines = [line for line in found["uploads"]["unix32"] if line["tls"]]
    figure, panels = pyplot.subplots(1, 2, figsize=(8, 3.8), sharey=True)
    for axes, part, title in zip(panels, ("whole", "cpu"), ("time", "CPU of the process")):
        for mode, (colour, mark) in MODES.items():
            mine = sorted(
                (line["size"], line[part]["us"]) for line in lines if line["mode"] == mode
            )
            sizes = [size for size, _ in mine]
            spent = [us / 1000 for _, us in mine]
            axes.plot(sizes, spent, color=colour, marker=mark, markersize=4, label=mode)
        size_axis(axes, sizes)
        axes.tick_params(axis="x", labelsize=8, rotation=30)
        axes.set_yscale("log")
        axes.set_title(title, fontsize=9)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    panels[0].set_ylabel("ms, unix32 over TLS on loopback")
    figure.legend(*panels[0].get_legend_handles_labels(), **ABOVE)
    return save_wide(figure, folder, "performance-growth.svg")


def save_wide(figure, folder, name):
    """As save(), with what stands outside the panels."""
    figure.tight_layout()
    figure.savefig(
        folder / name, metadata={"Date": None, "Creator": None}, bbox_inches="tight", pad_inches=0.1
    )
    pyplot.close(figure)
    return name


def draw(found, folder):
    """Draw all that the results have numbers for; return {what: file name}."""
    with matplotlib.rc_context():  # whatever else this process has drawn, or will draw
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        return _draw(found, folder)


def _draw(found, folder):
    names = {"ratios": ratios(found, folder), "loop": loop(found, folder)}
    if BOARD in found["uploads"]:
        names["uploads"] = uploads(found, folder)
    if "unix32" in found["uploads"]:
        names["growth"] = growth(found, folder)
    if "upload peaks" in found:
        names["heap"] = heap(found, folder)
    return names
