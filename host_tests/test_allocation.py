"""What hashing, sealing and signing allocate: proved with a locked heap, measured, bounded.

unix32 has a microcontroller's words and heap; its numbers are the ones that DESIGN's goals are for.
"""

import pytest

FILES = {"small.bin": bytes(2000), "large.bin": bytes(20000)}
# Bytes, 32-bit words, key cached: what is measured (MicroPython 1.25.0), and a little air. The
# goals are 900 for a seal and 3,000 for a sign.
BOUNDS = {"seal": 900, "seal-token": 900, "sign": 2850, "presign": 4850, "check": 4600}


def numbers(result):
    """Return {name: bytes} of a result's "bytes NAME N" lines."""
    rows = [line.split() for line in result.text.splitlines() if line.startswith("bytes ")]
    return {name: int(count) for _, name, count in rows}


@pytest.mark.board
@pytest.mark.targets("unix", "unix32", "wasm")
def test_allocation(target, record_property, capsys):
    result = target.run(
        "core_alloc.py", files=FILES, heap="128k" if target.name == "unix32" else "512k"
    )
    found = numbers(result.check())
    with capsys.disabled():
        print("\n%s: %s" % (target.name, ", ".join("%s %d" % row for row in found.items())))
    assert found["import"] > 0 and found["seal"] > 0
    if target.name != "unix":  # 64-bit words
        over = {name: found[name] for name, bound in BOUNDS.items() if found[name] > bound}
        assert not over
    # A session token is referred to, not copied, each time a prepared request is sealed.
    assert found["seal-token"] - found["seal"] <= 32


@pytest.mark.board
@pytest.mark.targets("unix", "unix32", "wasm")
def test_streams_allocate_nothing_or_the_same(target, record_property):
    """A file is hashed under a locked heap; a signed chunk costs constant garbage, none of it kept.

    A chunk's signature can't do without: two hash objects and their digests are MicroPython's own.
    Bodies that are sent and answers that are parsed: test_net_exchange.py, on every target too.
    """
    result = target.run("stream_alloc.py", heap="512k")
    found = numbers(result.check())
    record_property("garbage_of_a_chunk", str(found))
    assert set(found) == {"signed-chunk", "signed-chunk-trailer", "unsigned-chunk-trailer"}
