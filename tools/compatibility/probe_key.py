"""Odd keys: stored, read back and listed under the very name that was sent."""

from .finding import NO, WRONG, YES, Finding, probe, refused

_LONG = "/".join(["s" * 99] * 11)
KEYS = {
    "space": ("a space", "a b"),
    "plus": ("a plus", "a+b"),
    "percent": ("a percent sign", "100%"),
    "escape": ("what looks like an escape (`%41`)", "%41"),
    "unicode": ("letters beyond ASCII, an emoji", "ü€ \U0001f4e1"),
    "combining": ("a combining accent, not composed", "u\u0308"),
    "marks": ("`!'()*;:@&=$,?#[]`", "!'()*;:@&=$,?#[]"),
    "xml": ('`<&>"`', '<&>"'),
    "others": ("``\\^{}|` ``", "\\^{}|`"),
    "tilde": ("`~`", "~"),
    "control": ("a control character", "a\x01b"),
    "newline": ("a line end", "a\nb"),
    "slashes": ("`//`", "a//b"),
    "dot": ("a segment `.`", "a/./b"),
    "dots": ("a segment `..`", "a/../b"),
    "trailing": ("a slash at the end", "a/"),
    "segment": ("a segment of 300 bytes", "s" * 300),
}


def _outcome(place, name, key):
    """Store under a key, read back, list; return the Finding."""
    full = "%s/%s" % (name, key)
    body = ("the object of " + name).encode()
    answer = place.ask("PUT", full, body)
    if not answer.ok:
        return Finding(NO, answer)
    got = place.ask("GET", full)
    if not got.ok or got.body != body:
        return Finding(WRONG, got, "said to be stored; not to be had again")
    listed, keys = place.listing(name + "/")
    if not listed.ok:
        return Finding(WRONG, listed, "stored; the listing fails")
    if place.prefix + full not in keys:
        return Finding(WRONG, listed, "listed under another name" if keys else "not listed")
    return Finding(YES, answer)


def _register(name, words, key):
    @probe("key." + name, words)
    def odd(place):
        return _outcome(place, name, key)


for _name, (_words, _key) in KEYS.items():
    _register(_name, _words, _key)


@probe("key.apart", "`a/../b` is another object than `b`", "key.dots")
def apart(place):
    answer = place.ask("GET", "dots/b")
    return Finding(YES if answer.status == 404 else WRONG, answer)


@probe("key.case", "`KEY` is another object than `key`")
def case(place):
    put = place.ask("PUT", "case/key", b"small")
    if put.ok:
        put = place.ask("PUT", "case/KEY", b"large")
    got = place.ask("GET", "case/key")
    return Finding(YES if put.ok and got.body == b"small" else WRONG, got)


@probe("key.both", "an object may be named as another's folder")
def both(place):
    put = place.ask("PUT", "both", b"file")
    if put.ok:
        put = place.ask("PUT", "both/inside", b"inside")
    if not put.ok:
        return Finding(NO, put)
    got = place.ask("GET", "both")
    return Finding(YES if got.body == b"file" else WRONG, put)


@probe("key.longest", "1024 bytes")
def longest(place):
    room = 1024 - len(place.prefix) - len("longest/")
    return _outcome(place, "longest", _LONG[:room])


@probe("key.longer", "1025 bytes are refused")
def longer(place):
    room = 1025 - len(place.prefix)
    return refused(place.ask("PUT", _LONG[:room], b"too long"))
