#!/usr/bin/env python3
"""The table in docs/endpoints.md, made from net/endpoint.py: checks it, or writes it anew.

python3 tools/endpoints_table.py             say whether it is up to date
python3 tools/endpoints_table.py --write     bring it up to date
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lib"))

from sigv4_mp.net import endpoint

PAGE = ROOT / "docs" / "endpoints.md"
BEGIN = "<!-- profiles: tools/endpoints_table.py --write -->\n"
END = "<!-- end of profiles -->\n"
HEAD = (
    "| profile | hosts below | region to sign for | auto is | modes | checksums | port | signs |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
PORTS = {"any": "any", "default": "443, 80", "https": "443, no HTTP"}


def region_text(rule):
    """Return a region rule as a reader wants it."""
    kind, _, usual = rule.partition(" ")
    if kind == "host":
        return "in the host" + ("; without one `%s`" % usual if usual else "")
    if kind == "any":
        return "what the server is set to, often `%s`" % usual
    return "always `%s`" % rule


def row(name):
    """Return a profile's row of the table."""
    found = endpoint.profile_of("https://x.example", name)
    cells = (
        "`%s`" % name,
        "<br>".join(found.suffixes.split()) or '(say so: `profile="%s"`)' % name,
        region_text(found.region),
        found.addressing,
        "<br>".join(found.modes.split()),
        "<br>".join(found.checksums.split()) or "none",
        PORTS[found.port],
        "all but hop headers" if found.signs is None else "host, x-amz-\\*, " + found.signs,
    )
    if name == "generic":
        cells = (cells[0], "(all others)", *cells[2:])
    return "| " + " | ".join(cells) + " |\n"


def main(arguments):
    """Run the command line; return the exit code."""
    text = PAGE.read_text(encoding="utf-8")
    table = HEAD + "".join(row(name) for name in endpoint.names())
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    new = pattern.sub(lambda _: BEGIN + table + END, text)
    if BEGIN + table + END not in new:
        print("docs/endpoints.md has lost its markers", file=sys.stderr)
        return 1
    if "--write" in arguments:
        PAGE.write_text(new, encoding="utf-8")
    elif new != text:
        print("out of date: run python3 tools/endpoints_table.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
