"""Every case of net_cases.py on a target, in pieces of every kind."""

import _check
import net_cases

from sigv4_mp.errors import ProtocolError
from sigv4_mp.net.http1 import BODY, END, NEED_DATA, ResponseParser

# (buffer, bytes at a time); 0: as many as must come, which must be all of them and no more
SPLITS = ((512, 512), (512, 1), (16, 16), (16, 3), (512, 0), (16, 0))


def parse(data, method, size, piece):
    """Return (parser, body, bytes used) of a response that comes in pieces."""
    parser = ResponseParser(bytearray(size), method)
    body = bytearray()
    at = 0
    while True:
        event = parser.next()
        if event == END:
            return parser, bytes(body), at
        if event == BODY:
            body.extend(memoryview(parser.buffer)[parser.body_start : parser.body_end])
        elif event == NEED_DATA:
            count = min(piece or parser.least(), size, len(data) - at)
            parser.buffer[:count] = data[at : at + count]
            parser.received(count)
            at += count


def check_good(case, size, piece):
    name, method, data, expected = case
    parser, body, used = parse(data, method, size, piece)
    found = {}
    for key in expected[1]:
        found[key] = parser.headers.get(key)
    got = (parser.status, found, body, parser.reusable, used)
    _check.equal("%s, %d by %d" % (name, size, piece), got, expected + (len(data),))


def main():
    for size, piece in SPLITS:
        for case in net_cases.GOOD:
            check_good(case, size, piece)
        for name, data in net_cases.BAD:
            label = "%s, %d by %d" % (name, size, piece)
            _check.raises(label, ProtocolError, parse, data, "GET", size, piece)
    _check.done()


if __name__ == "__main__":
    main()
