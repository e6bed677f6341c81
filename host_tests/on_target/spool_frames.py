"""services/frame.py on a target: what is whole is found, what is not is not."""

import _section
from _check import equal, true

from sigv4_mp.services.frame import HEADER, LAST_SEQ, LETTER, RECORD, Scanner, pack, whole


def frames(*payloads):
    """Return a file of records 1, 2, …"""
    data = bytearray()
    for i, payload in enumerate(payloads):
        frame = bytearray(HEADER + len(payload))
        equal("end", pack(frame, 0, RECORD, i, i + 1, 1700000000 + i, payload), len(frame))
        data.extend(frame)
    return data


def scan(data, size=64, kind=RECORD, limit=48, **bounds):
    """Return the Scanner after all, and what it found: [(seq, payload)]."""

    def read(offset, view):
        piece = data[offset : offset + min(len(view), 7)]  # never much at once
        view[: len(piece)] = piece
        return len(piece)

    scanner = Scanner(size)
    scanner.start(read, 0, len(data), kind, limit, **bounds)
    found = []
    while scanner.next():
        found.append((scanner.seq, bytes(scanner.payload)))
    return scanner, found


def layout():
    frame = bytearray(20)
    pack(frame, 0, RECORD, 7, 0x01020304, 0x05060708, b"abcd")
    wanted = b"\xd5\x07\x04\x00\x04\x03\x02\x01\x08\x07\x06\x05"
    equal("as documented", bytes(frame[:12]), wanted)
    equal("payload", bytes(frame[16:]), b"abcd")
    from binascii import crc32

    crc = crc32(wanted + b"abcd")
    equal("crc", bytes(frame[12:16]), crc.to_bytes(4, "little"))
    pack(frame, 0, LETTER, 255, LAST_SEQ, 0xFFFFFFFF, memoryview(b"xxyz..")[2:])
    equal("largest", scan(frame, kind=LETTER)[1], [(LAST_SEQ, b"yz..")])


def reading():
    data = frames(b"a", b"bc" * 20, b"", b"d" * 48)
    wanted = [(1, b"a"), (2, b"bc" * 20), (3, b""), (4, b"d" * 48)]
    scanner, found = scan(data)
    equal("all", found, wanted)
    equal("where", scanner.where, len(data))
    equal("nothing skipped", scanner.skipped, 0)
    equal("the last one's facts", (scanner.stream, scanner.time_s), (3, 1700000003))
    equal("other kinds are not records", scan(data, kind=LETTER)[1], [])
    equal("too long", scan(data, limit=40)[1], wanted[:3])
    equal("numbers from", scan(data, low=3)[1], wanted[2:])
    equal("numbers below", scan(data, high=3)[1], wanted[:2])
    equal("numbers rise", scan(data + data)[1], wanted)
    for size in range(64, 200):
        if scan(data, size)[1] != wanted:
            true("buffer of %d" % size, False)
    for cut in range(len(data)):
        found = scan(data[:cut])[1]
        if found != wanted[: len(found)]:
            true("cut at %d" % cut, False, repr(found))


def flips():
    """Each bit of a file, one after another: the records beside it are found."""
    payloads = (b"first", b"\xd5" * 20, b"third one", b"\xd5\x00\x04\x00")
    data = frames(*payloads)
    wanted = [(i + 1, payload) for i, payload in enumerate(payloads)]
    wrong = hurt = 0
    for i in range(len(data)):
        for bit in range(8):
            data[i] ^= 1 << bit
            scanner, found = scan(data)
            if not (len(found) == 3 and all(one in wanted for one in found)):
                wrong += 1
            hurt += scanner.skipped > 0
            data[i] ^= 1 << bit
    equal("each costs one record and no other", wrong, 0)
    equal("each is seen", hurt, 8 * len(data))


def pieces():
    """whole() never says that half a frame is one."""
    frame = frames(b"0123456789")
    view = memoryview(frame)
    for end in range(len(frame)):
        if whole(view, 0, end, RECORD, 48) != 0:
            true("%d bytes are too few" % end, False)
    equal("all", whole(view, 0, len(frame), RECORD, 48), len(frame))
    equal("another kind", whole(view, 0, len(frame), LETTER, 48), -1)
    equal("longer than allowed", whole(view, 0, len(frame), RECORD, 9), -1)


_section.run(layout, reading, flips, pieces)
