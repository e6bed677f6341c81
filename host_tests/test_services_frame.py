"""services/frame.py: whatever bytes there are, only whole frames are found, and all of them."""

import random

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from sigv4_mp.services.frame import HEADER, RECORD, Scanner, pack


def test_on_target(target):
    target.run("spool_frames.py", heap="256k").check()


def frame(seq, payload):
    data = bytearray(HEADER + len(payload))
    pack(data, 0, RECORD, seq % 256, seq, seq, payload)
    return bytes(data)


def scan(data, size, at_once):
    def read(offset, view):
        piece = data[offset : offset + min(len(view), at_once)]
        view[: len(piece)] = piece
        return len(piece)

    scanner = Scanner(size)
    scanner.start(read, 0, len(data), RECORD, 64)
    found = []
    while scanner.next():
        found.append((scanner.seq, bytes(scanner.payload)))
    return scanner, found


@settings(max_examples=400, deadline=None, database=None)
@seed(20261122)
@given(
    st.lists(
        st.one_of(
            st.binary(min_size=0, max_size=64),
            st.integers(1, 60),  # so many bytes of rubbish, rich in what begins a frame
        ),
        max_size=20,
    ),
    st.integers(HEADER + 64, 300),
    st.integers(1, 100),
    st.randoms(use_true_random=False),
)
def test_finds_all_frames_between_rubbish(pieces, size, at_once, chances):
    data, wanted, rubbish = b"", [], 0
    for piece in pieces:
        if isinstance(piece, bytes):
            wanted.append((len(wanted) + 1, piece))
            data += frame(*wanted[-1])
        else:
            data += bytes(chances.choice((RECORD, 0, 16, 255)) for _ in range(piece))
            rubbish += piece
    scanner, found = scan(data, size, at_once)
    assert found == wanted
    assert scanner.skipped == rubbish
    assert not wanted or data[: scanner.where].endswith(frame(*wanted[-1]))


def test_a_million_wrong_bytes_hold_no_frame():
    """CRC and number together: rubbish in which every third byte begins a frame."""
    chances = random.Random(8)
    data = bytes(chances.choice((RECORD, 0, 1, 2, 8)) for _ in range(1_000_000))
    assert scan(data, 512, 512)[1] == []


@settings(max_examples=300, deadline=None, database=None)
@seed(20261122)
@given(st.binary(min_size=1, max_size=64), st.data())
def test_bursts_are_found(payload, data):
    """Any change within 32 bits, anywhere in a frame."""
    good = frame(5, payload)
    start = data.draw(st.integers(0, len(good) * 8 - 1))
    mask = data.draw(st.integers(1, (1 << 32) - 1))
    wrong = (int.from_bytes(good, "little") ^ (mask << start)) & ((1 << len(good) * 8) - 1)
    wrong = wrong.to_bytes(len(good), "little")
    if wrong != good:
        assert scan(wrong, 200, 200)[1] == []
