"""Time: how far a clock may be off, and what becomes of presigned URLs."""

from sigv4_mp.prepared import PreparedRequest
from sigv4_mp.presign import MAX_EXPIRES, QueryAuth
from sigv4_mp.request import Request

from .finding import NO, YES, Finding, holds, probe, refused
from .probe_payload import stored

# Minutes. A day more than a presigned URL may live: whoever takes that looks at no clock.
_MOST = 8 * 1440
_USUAL = (15, 5)  # S3's; other AWS services'


def _takes(place, minutes, sign):
    """Return the Answer to a GET signed this long ago, half a minute more to be clear of it."""
    return place.ask("GET", "first", shift_s=sign * (minutes * 60 + 30))


def _tolerance(place, sign):
    """Return (whole minutes that are still taken, None for no limit; the Answer to one more)."""
    last = _takes(place, _MOST, sign)
    if last.ok:
        return None, last
    low, high = -1, _MOST
    tries = [minute + more for minute in _USUAL for more in (0, -1)]
    while high - low > 1:
        middle = tries.pop(0) if tries else (low + high) // 2
        if not low < middle < high:
            continue
        answer = _takes(place, middle, sign)
        if answer.ok:
            low = middle
        else:
            high, last = middle, answer
    return low + 1, last


def _skew(place, sign):
    minutes, answer = _tolerance(place, sign)
    if minutes is None:
        return Finding(NO, answer, "no limit found in 8 days")
    note = "takes less than a minute" if minutes == 0 else "takes %d minutes" % minutes
    verdict = refused(answer)
    verdict.note = note
    return verdict


@probe("time.past", "refuses a request signed long ago")
def past(place):
    return _skew(place, -1)


@probe("time.future", "refuses a request signed in the future")
def future(place):
    return _skew(place, 1)


@probe("time.date", "sends `Date` with its answers")
def date(place):
    answer = place.ask("GET", "first")
    return Finding(YES if answer.headers.get("date", "").endswith("GMT") else NO, answer)


@probe("time.date_in_error", "… with its refusals too: a device can set its clock by it")
def date_in_error(place):
    answer = place.ask("GET", "first", shift_s=-30 * 86400)
    return Finding(YES if answer.headers.get("date", "").endswith("GMT") else NO, answer)


def presigned(place, method="GET", key="first", expires=300, shift_s=0, **more):
    """Return a presigned request's head, str; the library's own limit of 7 days left aside."""
    signer = place.signer()
    auth = QueryAuth(signer, min(expires, MAX_EXPIRES))
    auth.expires = expires
    headers = more.get("headers", ())
    request = Request(method, place.url(key), headers)
    sealed = PreparedRequest(signer, request, auth).seal(amz_date=place.now(shift_s))
    lines = ["%s %s HTTP/1.1" % (method, sealed.target), "Host: " + place.authority]
    lines += ["%s: %s" % pair for pair in headers]
    return "\r\n".join(lines) + "\r\n"


def _get(place, head):
    return place.send_raw((head + "\r\n").encode())


@probe("presign.get", "takes a presigned GET")
def get(place):
    answer = _get(place, presigned(place))
    return holds(answer, answer.body == b"hello", "answers with something else")


@probe("presign.put", "takes a presigned PUT")
def put(place):
    head = presigned(place, "PUT", "presigned") + "Content-Length: 5\r\n\r\n"
    return stored(place, place.send_raw(head.encode(), b"hello"), "presigned", b"hello")


@probe("presign.week", "takes one for 7 days")
def week(place):
    return holds(_get(place, presigned(place, expires=MAX_EXPIRES)), True)


@probe("presign.over_a_week", "refuses one for 7 days and a second")
def over_a_week(place):
    return refused(_get(place, presigned(place, expires=MAX_EXPIRES + 1)))


@probe("presign.late", "takes one that is 2 hours old and holds for 3")
def late(place):
    return holds(_get(place, presigned(place, expires=3 * 3600, shift_s=-7200)), True)


@probe("presign.expired", "refuses one that has expired")
def expired(place):
    return refused(_get(place, presigned(place, expires=60, shift_s=-7200)))


@probe("presign.early", "refuses one that is dated 2 hours ahead")
def early(place):
    return refused(_get(place, presigned(place, shift_s=7200)))


@probe("presign.stretched", "refuses one whose X-Amz-Expires was raised")
def stretched(place):
    head = presigned(place, expires=60)
    return refused(_get(place, head.replace("X-Amz-Expires=60", "X-Amz-Expires=600")))


@probe("presign.other_key", "refuses one that was given another key")
def other_key(place):
    head = presigned(place, key="not-there")
    head = head.replace(place.prefix + "not-there", place.prefix + "first")
    return refused(_get(place, head))


@probe("presign.other_method", "refuses one for GET that deletes")
def other_method(place):
    place.ask("PUT", "victim", b"1")
    head = presigned(place, key="victim").replace("GET ", "DELETE ", 1)
    return refused(_get(place, head))


@probe("presign.more_query", "refuses one that was given another parameter")
def more_query(place):
    head = presigned(place).replace(" HTTP/1.1", "&response-content-type=text%2Fhtml HTTP/1.1")
    return refused(_get(place, head))


@probe("presign.header_missing", "refuses one without a header that it signed")
def header_missing(place):
    head = presigned(place, headers=[("x-amz-meta-a", "1")]).replace("x-amz-meta-a: 1\r\n", "")
    return refused(_get(place, head))
