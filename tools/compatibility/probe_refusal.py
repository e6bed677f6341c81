"""What must be refused: anything but exactly what was signed, by somebody who may."""

from sigv4_mp import Credentials

from .finding import NO, NOT_ASKED, YES, Finding, probe, refused


def _spoilt(place, **more):
    """Return a Draft of a GET of "first", to be spoilt."""
    return place.draft("GET", "first", **more)


@probe("refusal.signature", "refuses a wrong signature")
def signature(place):
    draft = _spoilt(place)
    right = draft.sealed.signature
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    return refused(place.send(draft.swap(right, wrong)))


@probe("refusal.secret", "refuses what another secret signed")
def secret(place):
    other = Credentials(place.credentials.access_key_id.decode(), "not-the-secret")
    return refused(place.ask("GET", "first", signer=place.signer(credentials=other)))


@probe("refusal.key", "refuses an unknown access key")
def key(place):
    other = Credentials("AKIAIOSFODNN7EXAMPLE:none", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    return refused(place.ask("GET", "first", signer=place.signer(credentials=other)))


@probe("refusal.anonymous", "refuses a request without a signature")
def anonymous(place):
    return refused(place.send(_spoilt(place).drop("authorization")))


@probe("refusal.token", "refuses a session token that nobody gave out")
def token(place):
    if place.credentials.session_token:
        return Finding(NOT_ASKED, note="these credentials have a token of their own")
    made_up = [("x-amz-security-token", "FwoGZXIvYXdzEXAMPLE")]
    return refused(place.ask("GET", "first", headers=made_up))


@probe("refusal.method", "refuses another method than the signed one")
def method(place):
    place.ask("PUT", "kept", b"1")
    draft = place.draft("GET", "kept").swap("GET ", "DELETE ")
    return refused(place.send(draft))


@probe("refusal.path", "refuses another path")
def path(place):
    draft = place.draft("GET", "other")
    return refused(place.send(draft.swap("other", "first")))


@probe("refusal.query", "refuses a query parameter that was added")
def query(place):
    draft = _spoilt(place).swap(" HTTP/1.1", "?response-content-type=text%2Fhtml HTTP/1.1")
    return refused(place.send(draft))


@probe("refusal.header_changed", "refuses a signed header that was changed")
def header_changed(place):
    draft = place.draft("PUT", "changed", b"1", headers=[("x-amz-meta-a", "one")])
    return refused(place.send(draft.swap("x-amz-meta-a: one", "x-amz-meta-a: two")))


@probe("refusal.header_missing", "refuses a signed header that is missing")
def header_missing(place):
    draft = place.draft("PUT", "missing", b"1", headers=[("x-amz-meta-a", "one")])
    return refused(place.send(draft.drop("x-amz-meta-a")))


@probe("refusal.header_added", "refuses an `x-amz-*` header that was added after signing")
def header_added(place):
    draft = place.draft("PUT", "added", b"1").add("x-amz-meta-evil: 1")
    return refused(place.send(draft))


@probe("refusal.header_doubled", "refuses a signed header that was doubled")
def header_doubled(place):
    draft = place.draft("PUT", "doubled", b"1", headers=[("x-amz-meta-a", "one")])
    return refused(place.send(draft.add("x-amz-meta-a: two")))


@probe("refusal.date", "refuses another `x-amz-date`")
def date(place):
    draft = _spoilt(place)
    old = "X-Amz-Date: " + draft.sealed.amz_date
    return refused(place.send(draft.swap(old, "X-Amz-Date: " + place.now(-100))))


@probe("refusal.host_unsigned", "refuses a signature that leaves `host` out")
def host_unsigned(place):
    """Signed rightly over every header but that one: by the textbook, not by the library."""
    return refused(place.send_raw(_without_host(place)))


def _without_host(place):
    """Return the head of a GET of "first" whose signature does not cover Host."""
    from hashlib import sha256

    draft = _spoilt(place)
    lines = draft.sealed.canonical_request.decode().split("\n")
    lines = [line for line in lines if not line.startswith("host:")]
    names = draft.sealed.signed_headers.replace("host;", "")
    lines[-2] = names
    to_sign = draft.sealed.string_to_sign.decode().split("\n")
    to_sign[-1] = sha256("\n".join(lines).encode()).hexdigest()
    signature = draft.sealed.signing_key().signature("\n".join(to_sign).encode()).decode()
    draft.swap("SignedHeaders=" + draft.sealed.signed_headers, "SignedHeaders=" + names)
    return draft.swap(draft.sealed.signature, signature).head


# -- the scope: what the signature is for


@probe("scope.region", "refuses the signature of another region")
def region(place):
    return refused(place.ask("GET", "first", signer=place.signer(region="xx-other-9")))


@probe("scope.region_named", "… and says which is right", "scope.region")
def region_named(place):
    answer = place.ask("GET", "first", signer=place.signer(region="xx-other-9"))
    said = answer.headers.get("x-amz-bucket-region"), answer.tag("Region")
    return Finding(YES if place.region in said else NO, answer)


@probe("scope.service", "refuses the signature of another service")
def service(place):
    return refused(place.ask("GET", "first", signer=place.signer(service="sqs")))


@probe("scope.date", "refuses a scope of another day than `x-amz-date`")
def scope_date(place):
    """Signed rightly for yesterday's scope with today's time."""
    draft = _spoilt(place)
    yesterday = place.now(-86400)[:8]
    old = draft.sealed.string_to_sign.decode()
    scope = draft.sealed.credential_scope
    new = yesterday + scope[8:]
    key = place.credentials.signing_key(yesterday.encode(), place.region.encode(), b"s3")
    signature = key.signature(old.replace(scope, new).encode()).decode()
    draft.swap("/" + scope, "/" + new).swap(draft.sealed.signature, signature)
    return refused(place.send(draft))


# -- what a refusal says


def _refusal(place):
    draft = _spoilt(place)
    right = draft.sealed.signature
    return place.send(draft.swap(right, "0" * 64))


@probe("error.code", "names `SignatureDoesNotMatch`", "refusal.signature")
def code(place):
    answer = _refusal(place)
    return Finding(YES if answer.code == "SignatureDoesNotMatch" else NO, answer)


@probe("error.canonical_request", "shows the canonical request it computed", "refusal.signature")
def canonical_request(place):
    answer = _refusal(place)
    return Finding(YES if answer.tag("CanonicalRequest") else NO, answer)


@probe("error.string_to_sign", "shows the string to sign", "refusal.signature")
def string_to_sign(place):
    answer = _refusal(place)
    return Finding(YES if answer.tag("StringToSign") else NO, answer)


@probe("error.skew", "names `RequestTimeTooSkewed`", "time.past")
def skew(place):
    answer = place.ask("GET", "first", shift_s=-30 * 86400)
    return Finding(YES if answer.code == "RequestTimeTooSkewed" else NO, answer)


@probe("error.request_id", "gives each answer an `x-amz-request-id`")
def request_id(place):
    answer = place.ask("GET", "first")
    return Finding(YES if answer.headers.get("x-amz-request-id") else NO, answer)


@probe("error.missing", "answers `NoSuchKey` for what is not there")
def missing(place):
    answer = place.ask("GET", "never")
    return Finding(YES if (answer.status, answer.code) == (404, "NoSuchKey") else NO, answer)
