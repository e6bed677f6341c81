"""S3 operations, driven from a script on every target; addresses and keys against other code."""

import builtins
import string
import sys
import urllib.parse

import botocore.utils
import pytest
from botocore.exceptions import ParamValidationError
from botocore.handlers import validate_bucket_name
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigv4_mp import S3, Credentials, FixedClock, Signer, http
from sigv4_mp.errors import RequestError
from sigv4_mp.net.retry import Policy
from sigv4_mp.services.bucket import Address, check_bucket
from sigv4_mp.services.listing import _decode_key
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
from net_script import Peer


def test_on_target(target):
    target.run("net_s3.py", heap="1m").check()


KEYS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=60)


@settings(max_examples=500, deadline=None)
@given(KEYS)
@example("".join(map(chr, range(1, 256))))
@example("/..//./a/")
def test_keys_are_encoded_as_urllib_does(key):
    path = Address("https://h", "bucket", "path").url(key).decode()[len("https://h/bucket/") :]
    assert path == urllib.parse.quote(key, safe="/~")
    assert urllib.parse.unquote(path) == key


@settings(max_examples=500, deadline=None)
@given(KEYS, st.booleans())
def test_listed_keys_are_decoded_whoever_encoded_them(key, plus):
    """AWS writes a space as "+", others as "%20"; both write "+" as "%2B"."""
    encode = urllib.parse.quote_plus if plus else urllib.parse.quote
    assert _decode_key(encode(key)) == key


@settings(max_examples=500, deadline=None)
@given(st.text(string.ascii_letters + string.digits + "-._/", max_size=65))
@example("a" * 63)
@example("a" * 64)
@example("1.2.3.4")
def test_bucket_names_that_botocore_refuses_are_refused(bucket):
    """We are stricter: no capitals or underscores, which new buckets have not had since 2018."""
    try:
        validate_bucket_name({"Bucket": bucket})
    except ParamValidationError:
        with pytest.raises(RequestError, match="bucket"):
            check_bucket(bucket)


@pytest.mark.parametrize("bucket", ["abc", "my.bucket", "a-b-c", "0" * 63, "1.2.3.4.5", "1.2.3"])
def test_good_buckets(bucket):
    check_bucket(bucket)
    if "." not in bucket:
        assert botocore.utils.check_dns_name(bucket)


def test_arguments_are_checked_when_the_operation_is_made():
    """Not only when it is run: the traceback points at the caller's own line."""
    signer = Signer(
        Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    s3 = S3(signer, "https://h", "bucket")
    for make in (s3.put_object, s3.get_object, s3.head_object, s3.delete_object):
        with pytest.raises(RequestError, match="key"):
            make(*(["", b""] if make == s3.put_object else [""]))


def test_the_file_of_a_path_is_closed(tmp_path, monkeypatch):
    """Whether all goes well, the network breaks, or the operation is given up."""
    opened = []
    real = builtins.open

    def spied(*args, **options):
        opened.append(real(*args, **options))
        return opened[-1]

    (tmp_path / "f").write_bytes(b"abc")
    signer = Signer(
        Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    s3 = S3(signer, "https://h", "bucket", policy=Policy(attempts=1))
    monkeypatch.setattr(builtins, "open", spied)
    path = str(tmp_path / "f")
    Peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").run(s3.put_object("k", path))
    with pytest.raises(OSError, match="104"):
        Peer(b"", fail={1: OSError(104)}).run(s3.put_object("k", path))
    given_up = s3.put_object("k", path)
    next(given_up)
    given_up.close()
    assert [file.closed for file in opened] == [True] * 3


def listing_page(keys, token):
    entries = "".join("<Contents><Key>%s</Key><Size>1</Size></Contents>" % key for key in keys)
    more = (
        "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>" % token
    )
    body = "<ListBucketResult>%s%s</ListBucketResult>" % (entries, more if token else "")
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode())


def test_iterate_fetches_a_page_when_it_is_needed(monkeypatch):
    signer = Signer(
        Credentials("AKID", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    listing = S3(signer, "https://h", "bucket").list_objects_v2(page_size=2)
    pages = [listing_page("ab", "t1"), listing_page("", "t2"), listing_page("c", None)]
    asked = []

    def run(self, operation):
        asked.append(len(asked))
        return Peer(pages[asked[-1]]).run(operation)

    monkeypatch.setattr(http.Http, "run", run)
    entries = http.iterate(listing, timeout=5)
    assert [next(entries).key, next(entries).key] == ["a", "b"]
    assert asked == [0]
    assert [entry.key for entry in entries] == ["c"]
    assert asked == [0, 1, 2]
    assert list(http.Http().iterate(listing)) == []
