"""Multipart, download, copy, deletion and one-pass bodies, driven from a script on every target."""

import hashlib

import pytest

from sigv4_mp.services.multipart import Parts
from sigv4_mp.services.upload import part_size_for


def test_on_target(target):
    target.run("net_s3_services.py", heap="1m").check()


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_final_etag_is_the_md5_of_the_md5s(count):
    parts = Parts()
    digests = [hashlib.md5(b"%d" % number).digest() for number in range(count)]
    for digest in digests:
        parts.add('"%s"' % digest.hex())
    assert parts.final_etag() == '"%s-%d"' % (hashlib.md5(b"".join(digests)).hexdigest(), count)
    assert [(number, etag) for number, etag, _ in parts] == [
        (number + 1, '"%s"' % digest.hex()) for number, digest in enumerate(digests)
    ]
    parts.add('"opaque"')
    assert parts.final_etag() is None


@pytest.mark.parametrize("size", [1, 5 << 20, (5 << 20) + 1, 5 << 30, 49 << 30, 1 << 40])
def test_every_part_size_is_one_that_s3_takes(size):
    part = part_size_for(size, max_parts=10000)
    assert 5 << 20 <= part <= 5 << 30
    assert -(-size // part) <= 10000
