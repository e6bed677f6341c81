"""How tools/explain.py shows an explanation: the lines of both canonical requests, redacted.

Colours where it is a terminal and `rich` is there; the same text without them anywhere else.
"""

from sigv4_mp.explain_redact import canonical_request, scrub

COLOURS = {"certain": "bold green", "likely": "bold yellow", "possible": "bold magenta"}
_PARTS = ("method", "path", "query")


def rows(ours, theirs, known):
    """Return the lines of two canonical requests side by side: list of dict.

    ours, theirs: bytes; theirs may be None. known: secrets, bytes. Each row: part, ours, server
    (str or None, redacted), same (bool; of what can't be shown, too), at (int or None, the first
    character that differs).
    """
    one, other = _named(ours, known), _named(theirs, known) if theirs else None
    if other is None:
        return [_row(part, text, None, True) for part, text, _ in one]
    out = []
    mine, others = dict(_keyed(one)), dict(_keyed(other))
    for key in _order(one, other):
        left, right = mine.get(key), others.get(key)
        same = left is not None and right is not None and left[1] == right[1]
        out.append(_row(key[0], left and left[0], right and right[0], same))
    return out


def _named(text, known):
    """Return [(part, shown, raw)] of the lines of a canonical request."""
    raw = text.split(b"\n")
    shown = [scrub(visible(line), known) for line in canonical_request(text)]
    out = []
    for at, line in enumerate(raw):
        if at < 3:
            part = _PARTS[at]
        elif at == len(raw) - 1:
            part = "payload hash"
        elif at == len(raw) - 2:
            part = "signed headers"
        else:
            part = line.partition(b":")[0].decode("latin-1") or "(empty line)"
        out.append((part, shown[at], line))
    return out


def _keyed(lines):
    """Return [((part, which of that name), (shown, raw))]."""
    out, seen = [], {}
    for part, shown, raw in lines:
        seen[part] = seen.get(part, 0) + 1
        out.append(((part, seen[part]), (shown, raw)))
    return out


def _order(one, other):
    """Return the keys of both, ours first, what only the server has in its place."""
    keys = [key for key, _ in _keyed(one)]
    last = None
    for key, _ in _keyed(other):
        if key not in keys:
            keys.insert(keys.index(last) + 1 if last in keys else 0, key)
        last = key
    return keys


def _row(part, ours, server, same):
    at = None
    if not same and ours is not None and server is not None and ours != server:
        at = 0
        while at < min(len(ours), len(server)) and ours[at] == server[at]:
            at += 1
    return {"part": part, "ours": ours, "server": server, "same": same, "at": at}


def visible(data):
    """Return bytes as text in which nothing is invisible, str."""
    out = "".join(chr(byte) if 32 <= byte < 127 else _named_byte(byte) for byte in data)
    if out.endswith(" "):
        out = out.rstrip(" ") + "\u00b7" * (len(out) - len(out.rstrip(" ")))
    return out.replace("  ", "\u00b7\u00b7")


def _named_byte(byte):
    return {9: "\\t", 13: "\\r", 10: "\\n"}.get(byte, "\\x%02x" % byte)


def segments(explanation, lines):
    """Return the report as a list of lines, each a list of (text, style)."""
    out = []
    colour = COLOURS[explanation.certainty]
    for line in explanation.lines():
        label, _, rest = line.partition(" ")
        style = colour if label == "cause:" else "bold" if label == "do:" else ""
        out.append([(label, "dim"), (line[len(label) :], style)])
    if not lines:
        return out
    out.append([])
    out.append([("canonical request", "bold"), ("  (- ours, + the server's)", "dim")])
    for row in lines:
        out.extend(_diff(row))
    return out


def _diff(row):
    if row["same"]:
        return [[("    " + row["ours"], "dim")]]
    out = []
    for mark, text, style in (("  - ", row["ours"], "red"), ("  + ", row["server"], "green")):
        if text is not None:
            at = len(text) if row["at"] is None else row["at"]
            first = text[at : at + 1]
            out.append([(mark + text[:at], style), (first, "reverse"), (text[at + 1 :], style)])
    if row["at"] is not None:
        out.append([("    " + " " * row["at"] + "^ byte %d" % (row["at"] + 1), "bold")])
    elif row["ours"] == row["server"]:
        out.append([("    ^ they differ in what is not shown", "bold")])
    return out


def show(report, stream, plain=False):
    """Print a report of segments() to a text stream."""
    text = "".join(["".join([part for part, _ in line]).rstrip() + "\n" for line in report])
    if not plain and stream.isatty():
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            pass
        else:
            console = Console(file=stream, soft_wrap=True, highlight=False)
            for line in report:
                console.print(Text.assemble(*line))
            return
    stream.write(text)  # at once: `| head` must not break it
