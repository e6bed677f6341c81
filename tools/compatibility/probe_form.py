"""POST policies: forms that let a browser or curl upload."""

from sigv4_mp.post_policy import presign_post

from .finding import probe, refused
from .probe_payload import stored

_BOUNDARY = "----form-of-the-probe"
_BODY = b"sent by a form"


def fields(place, name, expires=300, shift_s=0, conditions=()):
    """Return the form's fields, a list of pairs, for the key `name` below the prefix."""
    key = place.prefix + name
    date = place.now(shift_s)
    return presign_post(
        place.signer(), place.bucket, key, expires, conditions=conditions, amz_date=date
    )


def post(place, form, body=_BODY):
    """Send a form; return the Answer."""
    parts = []
    for name, value in form:
        line = '--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        parts.append((line % (_BOUNDARY, name, value)).encode())
    line = '--%s\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
    parts.append((line % _BOUNDARY).encode() + b"Content-Type: text/plain\r\n\r\n" + body)
    parts.append(b"\r\n--%s--\r\n" % _BOUNDARY.encode())
    data = b"".join(parts)
    head = "POST /%s HTTP/1.1\r\nHost: %s\r\n" % (place.bucket, place.authority)
    head += "Content-Type: multipart/form-data; boundary=%s\r\n" % _BOUNDARY
    head += "Content-Length: %d\r\n\r\n" % len(data)
    return place.send_raw(head.encode(), data)


@probe("form.post", "takes a form with a POST policy")
def taken_form(place):
    return stored(place, post(place, fields(place, "form")), "form", _BODY)


@probe("form.wrong_signature", "refuses a wrong signature", "form.post")
def wrong_signature(place):
    form = dict(fields(place, "form-2"))
    form["x-amz-signature"] = "0" * 64
    return refused(post(place, form.items()))


@probe("form.expired", "refuses a policy that has expired", "form.post")
def expired(place):
    return refused(post(place, fields(place, "form-3", expires=60, shift_s=-7200)))


@probe("form.other_key", "refuses another key than the policy's", "form.post")
def other_key(place):
    form = dict(fields(place, "form-4"))
    form["key"] = place.prefix + "form-5"
    return refused(post(place, form.items()))


@probe("form.too_long", "refuses more than `content-length-range` allows", "form.post")
def too_long(place):
    limit = [["content-length-range", 0, len(_BODY) - 1]]
    return refused(post(place, fields(place, "form-6", conditions=limit)))


@probe("form.more_fields", "refuses a field that the policy does not name", "form.post")
def more_fields(place):
    return refused(post(place, [("x-amz-meta-a", "1"), *fields(place, "form-7")]))


@probe("form.no_policy", "refuses a form without a policy")
def no_policy(place):
    return refused(post(place, [("key", place.prefix + "form-8")]))
