"""Checksums of trailers: the published check values here, random data against awscrt."""

import random

import pytest

from core import section
from sigv4_mp import checksum


def test_check_values(target):
    assert section(target, "core_chunked.py", "checksums")


@pytest.mark.parametrize("name", ["crc32", "crc32c", "crc64nvme"])
def test_random_data_as_awscrt(name):
    """The C implementation of AWS agrees, however the data is cut."""
    from awscrt import checksums

    oracle = getattr(checksums, name)
    chance = random.Random(name)
    for _ in range(200):
        data = chance.randbytes(chance.randrange(300))
        cut = chance.randrange(len(data) + 1)
        ours = checksum.new(name)
        ours.update(data[:cut])
        ours.update(memoryview(data)[cut:])
        assert int.from_bytes(ours.digest(), "big") == oracle(data), data.hex()
