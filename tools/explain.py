#!/usr/bin/env python3
"""Why did the server refuse it? From the request and the answer: the cause, the byte, the remedy.

    explain.py --request signed.json --answer answer.txt
    explain.py --request head.txt --answer - < answer.txt     one of the files may be stdin

--request FILE   what was signed: a line that tools/sign.py wrote, or one that it reads (the secret
                 stays in the file), a recorded request head, or the canonical request itself
--answer FILE    what came back: the whole response (as `curl -i` shows it), or its body alone
--status N       the status, where the file has the body alone (403 by default)
--arrived FILE   the request head as a server or a recording proxy saw it, where the answer says
                 nothing
--body FILE      the request's body as it was sent: is it the one that was hashed?
--json           one JSON object; --plain: no colours

What it prints is safe to paste in public: tokens, keys and usable signatures are left out.
Exit status: 0 a cause was named, 1 the answer fits several, 2 the input can't be read.
"""

import argparse
import json
import os
import pathlib
import sys

if __package__ in (None, ""):
    ROOT = pathlib.Path(__file__).resolve().parents[1]
    sys.path[:0] = [os.fspath(ROOT / "lib"), os.fspath(ROOT / "tools")]

import explain_view
import sign

from sigv4_mp.errors import SigV4Error
from sigv4_mp.explain import completed, explain
from sigv4_mp.explain_head import heard, ours_of
from sigv4_mp.explain_ours import Ours, of
from sigv4_mp.explain_said import Said

_OURS = ("canonical_request", "string_to_sign", "signature", "access_key_id", "session_token")
_MOST = 1 << 26  # bytes of a file


class Unreadable(Exception):
    """An input is not what it should be."""


def read(name):
    """Return a file's bytes; "-" is stdin. Raises: Unreadable."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(_MOST)
        with open(name, "rb") as file:
            return file.read(_MOST)
    except OSError as error:
        raise Unreadable("%s can't be read: %s" % (name, error.strerror)) from None


def request(data):
    """Return the Ours of a file: JSON, a head, or a canonical request. Raises: Unreadable."""
    text = data.strip()
    try:
        if text.startswith(b"{"):
            return _of_json(json.loads(text))
        first = text.split(b"\n")[0]
        if b" HTTP/1." in first or b" HTTP/2" in first:
            return ours_of(data.lstrip())
        return Ours(text)
    except (SigV4Error, ValueError) as error:
        raise Unreadable("the request: %s" % error) from None


def _of_json(fields):
    if "secret_access_key" in fields:  # a line that tools/sign.py reads
        return of(sign.seal(fields))
    if "canonical_request" not in fields:
        raise ValueError("the JSON has neither canonical_request nor secret_access_key")
    known = {name: fields[name] for name in _OURS if fields.get(name)}
    sent = fields.get("sent")
    if fields.get("head"):
        lines = fields["head"].split("\r\n\r\n")[0].split("\r\n")[1:]
        sent = [line.split(": ", 1) for line in lines]
    return Ours(sent=sent, **known)


def answer(data, status):
    """Return (status, headers, body) of a file. Raises: Unreadable."""
    while data.startswith(b"HTTP/"):
        head, _, rest = data.replace(b"\r\n", b"\n").partition(b"\n\n")
        lines = head.decode("latin-1").split("\n")
        words = lines[0].split(" ")
        if len(words) < 2 or not words[1].isdigit():
            raise Unreadable("the answer: %r is no status line" % lines[0][:80])
        if words[1].startswith("1") and rest.startswith(b"HTTP/"):
            data = rest  # 100 Continue, as curl shows it
            continue
        pairs = [line.partition(":") for line in lines[1:]]
        headers = [(name.strip(), value.strip()) for name, _, value in pairs]
        return int(words[1]), headers, rest
    return status, [], data


def report(given):
    """Return (Explanation, rows) of the command line's files."""
    ours = request(read(given.request))
    status, headers, body = answer(read(given.answer), given.status)
    arrived = read(given.arrived) if given.arrived else None
    try:
        sent_body = read(given.body) if given.body else None
        found = explain(ours, status, headers, body, arrived, sent_body)
        said = Said(status, headers, body)
        theirs = said.canonical_request
        if theirs and said.is_cut:
            theirs = completed(theirs, ours.canonical_request)
        if theirs is None and arrived:
            theirs = heard(arrived, ours)[0]
    except SigV4Error as error:
        raise Unreadable(str(error)) from None
    return found, explain_view.rows(ours.canonical_request, theirs, ours.known)


def as_json(found, rows):
    """Return a report as a JSON object, str."""
    names = ("cause", "field", "certainty", "what", "remedy", "ours", "theirs", "at", "offset_s")
    fields = {name: getattr(found, name) for name in names}
    fields.update(said=found.code, also=found.also, canonical_request=rows)
    return json.dumps(fields, indent=2)


def main(arguments=None):
    """Print the report; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--request", required=True, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--answer", required=True, metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--arrived", metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--body", metavar="FILE", help=argparse.SUPPRESS)
    parser.add_argument("--status", type=int, default=403, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        found, rows = report(given)
    except Unreadable as error:
        sys.stderr.write("explain.py: %s\n" % error)
        return 2
    if given.json:
        print(as_json(found, rows))
    else:
        explain_view.show(explain_view.segments(found, rows), sys.stdout, given.plain)
    return 1 if found.cause == "unexplained" else 0


if __name__ == "__main__":
    sys.exit(main())
