"""Tables of what loading the library costs: time, RAM, and how long the collector then takes."""

from bench import library
from bench.tables import count, number, spread, table, us

BOARD = "rp2040"


def pauses(found):
    phases = [row["phase"] for row in next(iter(found["pauses"].values()))]
    # WebAssembly's collector waits until no program runs: there is no pause to be measured.
    names = [name for name in found["pauses"] if name != "wasm"]
    rows = []
    for at, phase in enumerate(phases):
        row = [phase]
        for name in names:
            line = found["pauses"][name][at]
            row += [spread(line, 1000), count(line["live"])]
        rows.append(row)
    row = ["a connection over TLS open: the longest of all uploads"]
    for name in names:
        lines = [line["pause"] for line in found["uploads"].get(name, ()) if line["tls"]]
        most = max((line["spread"][1] for line in lines), default=None)
        row += ["-" if most is None else number(most / 1000), ""]
    head = ["a collection, ms"]
    for name in names:
        head += [name, "alive, bytes"]
    return table(head, [*rows, row])


def imports(found):
    """What a signer, S3 and the whole library take, loaded from the start."""
    rows = []
    for name, ways in found["modules"].items():
        for way, lines in ways.items():
            held = spent = 0
            for line in lines:
                held += line["bytes"] or 0
                spent += line["us"]
                if line["module"] in library.MARKS:
                    what = library.MARKS[line["module"]]
                    rows.append((what, name, way, count(held or None), number(spent / 1000)))
            if (name, way) != (BOARD, "mpy"):  # all of it does not fit there
                rows.append((library.ALL, name, way, count(held or None), number(spent / 1000)))
    rows.sort(key=lambda row: [*library.MARKS.values(), library.ALL].index(row[0]))
    return table(("loaded", "target", "shipped as", "RAM, bytes", "time, ms"), rows)


WAYS = (
    ("unix32", "py"),
    ("unix32", "mpy"),
    ("wasm", "py"),
    ("wasm", "mpy"),
    (BOARD, "mpy"),
    (BOARD, "frozen"),
)


def each_module(found):
    ways = [(name, way) for name, way in WAYS if way in found["modules"].get(name, ())]
    rows = {}
    for name, way in ways:
        for line in found["modules"][name][way]:
            rows.setdefault(line["module"], {})[name, way] = line
    head = ["module", ".mpy, bytes"]
    for name, way in ways:
        head.append("%s `.%s`: RAM, ms" % (name, way) if way != "frozen" else name + " frozen")
    body = []
    for module in rows:
        cells = []
        for key in ways:
            line = rows[module].get(key)
            told = line and not line.get("full")
            cells.append("%s, %s" % (count(line["bytes"]), us(line, 1000)) if told else "-")
        body.append([module, count(found["sizes"].get(module.replace(".", "/"))), *cells])
    return table(head, body)
