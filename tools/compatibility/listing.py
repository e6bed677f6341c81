"""Buckets: making one, listing, and leaving nothing behind."""

import re
from html import unescape
from urllib.parse import quote, unquote_plus


class Unusable(Exception):
    """The server can't be probed at all; str() says why."""


def keys_of(answer):
    """Return the keys in a listing, list of str; its encoding undone if it says it uses one.

    A `+` there is a space, as AWS's own SDKs read it.
    """
    encoded = answer.tag("EncodingType") == "url"
    found = re.findall(r"<Key>([^<]*)</Key>", answer.body.decode("utf-8", "replace"))
    keys = [unescape(key) for key in found]
    return [unquote_plus(key) for key in keys] if encoded else keys


def open_bucket(place):
    """Make the bucket, unless it is somebody's; prove that the simplest upload works.

    Raises: Unusable.
    """
    place.set_clock(place.ask("GET", url=place.endpoint + "/"))
    if place.own_bucket:
        _make(place)
    put = place.ask("PUT", "first", b"hello")
    got = place.ask("GET", "first")
    if not (put.ok and got.ok and got.body == b"hello"):
        close_bucket(place)
        text = "a plain signed upload fails: PUT %s %s, GET %s %s"
        raise Unusable(text % (put.status, put.code or "", got.status, got.code or ""))


def _make(place):
    """Make the bucket; where the plain way fails, naming the region, as AWS outside us-east-1."""
    made = place.ask("PUT")
    if not made.ok:
        text = "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint>"
        body = (text % place.region + "</CreateBucketConfiguration>").encode()
        again = place.ask("PUT", body=body)
        if not again.ok:
            said = made.headers.get("x-amz-bucket-region") or made.tag("Region")
            other = said if said != place.region else None
            text = "no bucket could be made: %s %s" % (made.status, made.code or "")
            raise Unusable(text + ("; the server names the region %s" % other if other else ""))


def close_bucket(place):
    """Delete all that was made, as it was named and as it is listed; then our own bucket.

    In somebody's bucket nothing is touched that does not begin with our prefix.
    Return the keys that would not go, a list of str.
    """
    _abort_uploads(place)
    for key in sorted(place.made, reverse=True):
        _delete(place, key)
    before, keys = None, _left(place)
    while keys and keys != before:  # page by page, as long as it helps
        for key in reversed(keys):
            _delete(place, key)
        before, keys = keys, _left(place)
    if place.own_bucket and not keys:
        place.ask("DELETE")
    return keys


def _left(place):
    """Return the first page of keys that are ours to delete."""
    pairs = [("encoding-type", "url"), ("list-type", "2")]
    if not place.own_bucket:
        pairs.append(("prefix", place.prefix))
    answer = place.ask("GET", query=pairs)
    if not answer.ok:  # who may not list can still ask for each
        return [key for key in sorted(place.made) if place.ask("HEAD", url=_url(place, key)).ok]
    keys = keys_of(answer)
    return [key for key in keys if place.own_bucket or key.startswith(place.prefix)]


def _url(place, key):
    return place.url(path="/" + quote(key, safe="/-._~"))


def _delete(place, key):
    place.ask("DELETE", url=_url(place, key))


def _abort_uploads(place):
    """End multipart uploads that a probe left open."""
    answer = place.ask("GET", query=[("uploads", ""), ("prefix", place.prefix)])
    text = answer.body.decode("utf-8", "replace")
    for key, number in re.findall(r"<Key>([^<]*)</Key>\s*<UploadId>([^<]*)</UploadId>", text):
        if unescape(key).startswith(place.prefix):
            url = _url(place, unescape(key))
            place.ask("DELETE", url=url, query=[("uploadId", unescape(number))])
