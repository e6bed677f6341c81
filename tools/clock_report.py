#!/usr/bin/env python3
"""Draw what the library's own TrustedClock makes of weeks on a device: docs/clock.svg.

    .venv/bin/python tools/clock_report.py                      the three devices of the docs
    .venv/bin/python tools/clock_report.py --days 21 --drift-ppm 40 --swing-ppm 30 --sync-hours 6 \\
        --outage 5:9 --out clock.png                            one of your own
    ... --sleep 50/60 --asleep-ppm 30000                        sleeps 50 minutes of every 60

The device is made up, the clock is the real one: lib/sigv4_mp/device/trusted.py. Everything is
shown against the truth, which is the zero line: the clock's estimate, the interval it claims, what
the services tolerate, and where signing stops, with the clock's own words. --numbers prints what is
drawn, one line a sample, as JSON.
"""

import argparse
import json
import math
import os
import pathlib
import random
import sys
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(ROOT))
sys.path.insert(0, os.fspath(ROOT / "lib"))

from sigv4_mp.device.trusted import TrustedClock
from sigv4_mp.errors import ClockDisagreement, ClockError

PICTURE = ROOT / "docs" / "clock.svg"
START = 1798761600000  # 2027-01-01
DAY = 86400000
MINUTE = 60000
SERVICES = (("S3", b"s3", 900), ("most others", b"sqs", 300))
MARGIN = 30


@dataclass
class Device:
    """What is made up. ppm: how fast (+) or slow (-) against the truth; days: from the start."""

    title: str = "a device of your own"
    days: float = 21.0
    drift_ppm: float = 40.0  # awake, on average
    swing_ppm: float = 20.0  # of day and night, on top
    budget_ppm: int = 100  # what the clock is told
    faulty: tuple = (0.0, 0.0, 1.0)  # from day, to day: the awake drift times so much
    sleep: tuple = (0, 60)  # minutes asleep, of a cycle of minutes
    asleep_ppm: float = 0.0  # the RTC in deep sleep; its swing is a third of it
    asleep_budget_ppm: int = 50000
    sync_hours: float = 6.0
    outages: list = field(default_factory=list)  # (from day, to day)


DOCS = (
    Device(
        "Awake, on a crystal within its budget of 100 ppm; no network for five weeks",
        days=48,
        drift_ppm=-55,
        swing_ppm=35,
        sync_hours=8,
        outages=[(6, 41)],
    ),
    Device(
        "The same, but at 10 times the budget on days 8 and 9: the next sync finds it and says so",
        days=24,
        drift_ppm=-55,
        swing_ppm=35,
        faulty=(8, 10, 18),
        sync_hours=8,
        outages=[(6, 10.2), (14, 19)],
    ),
    Device(
        "Asleep 50 minutes of every 60 on an RC oscillator 3.8 % slow, budget 5 %; three outages",
        days=3,
        drift_ppm=20,
        swing_ppm=10,
        sleep=(50, 60),
        asleep_ppm=-38000,
        sync_hours=1,
        outages=[(0.55, 0.75), (1.2, 1.65), (2.3, 2.42)],
    ),
)


class Board:
    """A device in motion: oscillator, RTC, and the TrustedClock on top of them."""

    def __init__(self, device):
        self.device = device
        self.truth = START
        self.count = float(2**30 - 3 * DAY)  # wraps on the fourth day
        self.rtc = float(START)
        self.luck = random.Random(4)
        self.events = []  # (day, text)
        self.boot()

    def boot(self):
        """Start the program anew."""
        self.clock = TrustedClock(
            drift_ppm=self.device.budget_ppm,
            asleep_ppm=self.device.asleep_budget_ppm,
            ticks=lambda: int(self.count) & 2**30 - 1,
            wall=lambda: int(self.rtc) // 1000,
            on_event=lambda text: self.events.append((self.day(), text)),
        )

    def day(self):
        """Days since the start."""
        return (self.truth - START) / DAY

    def warmth(self):
        """Afternoon 1, small hours -1."""
        return math.sin((self.day() - 0.375) * 2 * math.pi)

    def awake(self, ms):
        """Run for ms of true time."""
        device = self.device
        first, last, times = device.faulty
        rate = device.drift_ppm + device.swing_ppm * self.warmth()
        rate *= times if first <= self.day() < last else 1
        self.count += ms * (1 + rate / 1e6)
        self.rtc += ms * (1 + rate / 1e6)
        self.truth += ms

    def deep_sleep(self, ms):
        """Sleep for ms: the program ends, the ticks with it; the RTC goes on."""
        record = self.clock.suspend(int(self.rtc) // 1000)
        rate = self.device.asleep_ppm * (1 + self.warmth() / 6)
        self.rtc += ms * (1 + rate / 1e6)
        self.truth += ms
        self.count = 0.0
        self.boot()
        self.clock.resume(record, int(self.rtc) // 1000)

    def online(self):
        """Whether there is a network."""
        return not any(first <= self.day() < last for first, last in self.device.outages)

    def sync(self):
        """As net/clock.py does it: agreement, RTC; to 20 or 40 ms."""
        uncertainty = self.luck.randrange(20, 40)
        said = self.truth + self.luck.randrange(-uncertainty, uncertainty)
        try:
            self.clock.set(said, uncertainty, None, "SNTP")
        except ClockDisagreement:
            return
        self.rtc = float(said)
        self.clock.rtc_was_set()


def simulate(device):
    """Return (samples, events) of a Device. samples: dicts; see sample(). events: (day, text)."""
    board = Board(device)
    asleep, cycle = device.sleep
    step = (10 if asleep else 120) * MINUTE
    next_sync = 0
    samples = []
    while board.truth - START <= device.days * DAY:
        if board.truth >= START + next_sync and board.online():
            if samples:
                samples.append(sample(board))  # how it was just before
            board.sync()
            next_sync = board.truth - START + device.sync_hours * 60 * MINUTE
        samples.append(sample(board))
        minute = (board.truth - START) // MINUTE % cycle
        if asleep and minute < cycle - asleep:
            board.awake((cycle - asleep) * MINUTE)
            samples.append(sample(board))
            board.deep_sleep(asleep * MINUTE)
        else:
            board.awake(step)
    return samples, board.events


def sample(board):
    """Return what the clock says now, against the truth: seconds, or None, and its reasons."""
    out = {"day": round(board.day(), 4), "online": board.online()}
    try:
        earliest, latest = board.clock.now()
        out["earliest"] = round((earliest - board.truth) / 1000, 3)
        out["latest"] = round((latest - board.truth) / 1000, 3)
    except ClockError as error:
        out["earliest"] = out["latest"] = None
        out["why"] = error.message
    for name, service, _ in SERVICES:
        try:
            board.clock.require(service)
            out[name] = None
        except ClockError as error:
            out[name] = error.message
    return out


# What is drawn.

BLUE, RED, ORANGE, GREEN, GREY = "#1f6fb4", "#b3261e", "#c77700", "#2e7d4f", "#8a8f98"


def draw(devices, path):
    """Draw one panel a device into path (.svg or .png)."""
    import matplotlib

    matplotlib.use("Agg")
    with matplotlib.rc_context():  # whatever else this process has drawn, or will draw
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.hashsalt": "sigv4_mp",
                "svg.fonttype": "none",
                "font.family": "DejaVu Sans",
                "font.size": 9,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.edgecolor": GREY,
                "figure.facecolor": "white",
            }
        )
        _draw(devices, path)


def _draw(devices, path):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(devices), 1, figsize=(10, 3.5 * len(devices)), squeeze=False, layout="constrained"
    )
    for axis, device in zip(axes[:, 0], devices):
        panel(axis, device, *simulate(device))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    figure.savefig(path, dpi=110, metadata={"Date": None} if str(path).endswith("svg") else None)
    pyplot.close(figure)


def panel(axis, device, samples, events):
    """Draw one device."""
    days = [one["day"] for one in samples]
    low = [math.nan if one["earliest"] is None else one["earliest"] for one in samples]
    high = [math.nan if one["latest"] is None else one["latest"] for one in samples]
    widest = max(abs(value) for value in low + high if value == value)
    top = 1150 if widest > 600 else 380
    middle = [(a + b) / 2 for a, b in zip(low, high)]
    middle = [math.nan if abs(value) > top else value for value in middle]
    low, high = ([within(value, top) for value in side] for side in (low, high))
    for first, last in device.outages:
        label = "no network" if (first, last) == device.outages[0] else None
        axis.axvspan(first, min(last, device.days), color="#eceef1", lw=0, label=label)
    axis.fill_between(days, low, high, color=BLUE, alpha=0.22, lw=0, label="the clock's interval")
    axis.axhline(0, color="black", lw=0.9, label="truth")
    axis.plot(days, middle, color=BLUE, lw=1.2, label="the clock's estimate")
    for (name, _, tolerance), colour in zip(SERVICES, (RED, ORANGE)):
        if tolerance < top:
            for side in (1, -1):
                axis.axhline(side * (tolerance - MARGIN), color=colour, lw=0.9, ls=(0, (5, 3)))
            text = "%s: %d s less a margin of %d" % (name, tolerance, MARGIN)
            axis.text(
                device.days, tolerance - MARGIN, text, color=colour, ha="right", va="bottom", size=8
            )
    axis.set_xlim(0, device.days)
    axis.set_ylim(-top * 1.27, top * 1.12)
    axis.set_yticks([y for y in axis.get_yticks() if abs(y) < top * 1.02])
    signing(axis, samples, top)
    reports(axis, events, top)
    axis.set_ylabel("seconds from the truth")
    axis.set_xlabel("days")
    axis.set_title(device.title, loc="left", size=10, weight="bold")


def within(value, top):
    """Cut a value off at the panel's edge; NaN stays."""
    return value if value != value else max(-top, min(top, value))


def signing(axis, samples, top):
    """Draw a strip a service: green while it signs, red while it refuses; the first reason why."""
    for row, (name, _, _) in enumerate(SERVICES):
        y = -top * (1.09 + 0.1 * row)
        for first, last, why in spans(samples, name):
            axis.plot(
                [first, last], [y, y], color=RED if why else GREEN, lw=5, solid_capstyle="butt"
            )
        axis.text(0, y, name + "  ", ha="right", va="center", size=7.5, color=GREY)
        stops = [span for span in spans(samples, name) if span[2]]
        if stops and stops[0][1] > stops[0][0]:
            mark(axis, samples, stops, row, top)


def mark(axis, samples, stops, row, top):
    """Say in the clock's own words why it stopped: the longest time of them."""
    first, _, why = max(stops, key=lambda span: span[1] - span[0])
    name, _, _ = SERVICES[row]
    colour = (RED, ORANGE)[row]
    at = next(one for one in samples if one["day"] == first and one[name])
    if at["earliest"] is None:
        return
    y = within((at["earliest"] + at["latest"]) / 2, top)
    axis.plot([first], [y], "x", color=colour, ms=8, mew=1.8, zorder=5)
    width = axis.get_xlim()[1]
    left = row or first > width * 0.6
    axis.annotate(
        'stops for %s: "%s"' % (name, why.split(";")[0]),
        (first, y),
        (first + width * (-0.02 if left else 0.1), top * (0.93, 0.5)[row]),
        size=7.5,
        color=colour,
        ha="right" if left else "left",
        va="center",
        arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6},
    )


def reports(axis, events, top):
    """Mark where the clock reported that its budget was broken."""
    for day, text in events:
        if "over its budget" in text:
            axis.plot([day], [0], "o", mfc="none", mec=RED, ms=9, mew=1.4)
            wrapped = text.replace(", over", ",\nover").replace("; now", ";\nnow")
            axis.annotate(
                'reported: "%s"' % wrapped,
                (day, 0),
                (day + 0.25, -top * 0.5),
                size=7.5,
                color=RED,
                va="center",
                arrowprops={"arrowstyle": "-", "color": RED, "lw": 0.6},
            )


def spans(samples, name):
    """Return [(first day, last day, reason or None)]: runs of signing and of refusing."""
    out = []
    for one in samples:
        why = one[name]
        if out and bool(out[-1][2]) == bool(why):
            out[-1][1] = one["day"]
            continue
        if out:
            out[-1][1] = one["day"]
        out.append([one["day"], one["day"], why])
    return [tuple(span) for span in out]


def numbers(devices):
    """Yield a line of JSON for each sample and each report."""
    for device in devices:
        samples, events = simulate(device)
        yield json.dumps({"device": device.title})
        for one in samples:
            yield json.dumps(one, sort_keys=True)
        for day, text in events:
            yield json.dumps({"day": round(day, 4), "report": text}, sort_keys=True)


def _pair(separator, kind):
    def parse(text):
        first, second = text.split(separator)
        return kind(first), kind(second)

    return parse


def options():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(description="What TrustedClock makes of weeks on a device.")
    for name in ("days", "drift_ppm", "swing_ppm", "asleep_ppm", "sync_hours"):
        parser.add_argument("--" + name.replace("_", "-"), type=float)
    for name in ("budget_ppm", "asleep_budget_ppm"):
        parser.add_argument("--" + name.replace("_", "-"), type=int)
    parser.add_argument("--sleep", type=_pair("/", int), help="minutes asleep / of a cycle")
    parser.add_argument("--outage", type=_pair(":", float), action="append", dest="outages")
    parser.add_argument("--title")
    parser.add_argument("--out", default=PICTURE, help="a .svg or .png; default: docs/clock.svg")
    parser.add_argument("--numbers", action="store_true", help="print what would be drawn")
    return parser


def main(arguments=None):
    """Run the command line."""
    given = vars(options().parse_args(arguments))
    out, as_numbers = given.pop("out"), given.pop("numbers")
    own = {name: value for name, value in given.items() if value is not None}
    devices = [Device(**own)] if own else DOCS
    if as_numbers:
        for line in numbers(devices):
            print(line)
    elif own and out == PICTURE:
        print(
            "a device of your own: say --out FILE, docs/clock.svg is the docs' own", file=sys.stderr
        )
        return 2
    else:
        draw(devices, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
