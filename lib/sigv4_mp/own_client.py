"""Bring your own HTTP client: what to hand it, and whether it sent what was signed.

    method, url, headers, notes = for_client(sealed, "requests", body, handled=("redirect",))
    requests.request(method, url, headers=headers, data=body, allow_redirects=False)

HTTP clients add, drop and rewrite parts of a request. `for_client` refuses what a client is known
to break and names the trap; `check_sent` judges the bytes that went out. docs/own-client.md lists
the traps and how each was found. Nothing is imported here that talks to a network.
"""

import sys

from .canonical import canonical_headers, canonical_query_string, canonical_uri, query_pairs
from .digest import sha256_hex
from .errors import ProtocolError, RequestError, TamperError

CLIENTS = ("raw", "requests", "aiohttp", "urllib")
TRAPS = ("body", "certificate", "content-type", "method", "redirect", "url")

# Clients that look for these names in just this spelling before they add their own.
_SPELLINGS = ("Host", "Content-Length", "Content-Type", "Connection", "User-Agent")
_WAY_OUT = "; or say that you have seen to it: handled=(%r,)"


def for_client(sealed, client="raw", body=None, handled=(), micropython=None):
    """Return (method, url, headers, notes) to hand to an HTTP client, str, str, dict, list of str.

    client: "requests", "aiohttp", "urllib", or "raw" for one that sends what it is given. On
    MicroPython the first two are micropython-lib's; micropython: None asks the interpreter.
    body: what you will hand it as the body; bytes are compared with what was signed.
    handled: names of TRAPS that you have seen to yourself, by the way out that their error names.
    notes: what can't be seen from here, and is yours to look after.
    A header given twice is joined, as it was signed. Raises: RequestError, its field the trap's
    name; TamperError when the sealed request is stale.
    """
    if micropython is None:
        micropython = sys.implementation.name == "micropython"
    if client not in CLIENTS or (micropython and client == "urllib"):
        raise RequestError("client", "must be one of: " + ", ".join(CLIENTS))
    for name in handled:
        if name not in TRAPS:
            raise RequestError("handled", "must be of: " + ", ".join(TRAPS))
    kind = client + ("-mp" if micropython and client != "raw" else "")
    headers = _headers(sealed, kind in ("requests", "urllib"))
    _check_body(sealed, body)
    for trap, text in _traps(sealed, kind, headers, body):
        if trap not in handled:
            raise RequestError(trap, text + _WAY_OUT % trap)
    return sealed.method, _url(sealed), headers, list(_NOTES.get(kind, ()))


def _rules(sealed):
    """Return the signer that sealed it, for its rules: normalize_path, double_encode, …"""
    return sealed._prepared.signer


def _headers(sealed, latin):
    """Return all headers of the head as a dict; latin: for clients that encode str as Latin-1."""
    names = {}
    headers = {}
    for name, value in sealed.headers:
        lower = name.lower()
        for spelling in _SPELLINGS:
            if lower == spelling.lower():
                name = spelling
        if latin:
            # Comes out of them as the UTF-8 that was signed.
            value = "".join([chr(byte) for byte in value.encode()])
        name = names.setdefault(lower, name)
        headers[name] = headers[name] + "," + value if name in headers else value
    return headers


def _url(sealed):
    host = "[" + sealed.host + "]" if ":" in sealed.host else sealed.host
    default = {"https": 443, "wss": 443}.get(sealed.scheme, 80)
    port = "" if sealed.port == default else ":%d" % sealed.port
    return sealed.scheme + "://" + host + port + sealed.target


def _check_body(sealed, body):
    length = sealed.content_length or 0
    if body is None:
        if length:
            raise RequestError("body", "is missing: %d bytes were signed for" % length)
        return
    data = body.encode() if isinstance(body, str) else body
    if isinstance(data, (bytes, bytearray, memoryview)):
        if len(data) != length:
            raise RequestError("body", "has %d bytes, signed for are %d" % (len(data), length))
        signed = sealed.payload_hash
        if len(signed) == 64 and sha256_hex(data) != signed.encode():
            raise RequestError("body", "is not the one that was signed")


def _traps(sealed, kind, headers, body):
    """Yield (trap, text): what this client is known to do to this request."""
    for trap, look in (
        ("redirect", _redirect),
        ("certificate", _certificate),
        ("body", _body),
        ("content-type", _content_type),
        ("method", _method),
        ("url", _rewritten_url),
    ):
        text = look(sealed, kind, headers, body)
        if text:
            yield trap, text


def _redirect(sealed, kind, headers, body):
    lower = [name.lower() for name in headers]
    if "authorization" not in lower and "x-amz-security-token" not in lower:
        return None  # presigned: nothing is replayed
    if kind == "requests-mp":
        way = "pass parse_headers=own_client.no_redirect"
    elif kind == "aiohttp-mp":
        way = "it can't be told not to: use a presigned URL, or sigv4_mp.net"
    elif kind == "urllib":
        way = "use an opener whose HTTPRedirectHandler.redirect_request returns None"
    elif kind != "raw" and "x-amz-security-token" in lower:
        way = "pass allow_redirects=False"
    else:
        return None
    return "it follows redirects and shows the signature or the token to the new host; " + way


def _certificate(sealed, kind, headers, body):
    if sealed.scheme != "https" or kind[-3:] != "-mp":
        return None
    if kind == "aiohttp-mp":
        return "it checks none (CERT_NONE) unless you pass ssl= a tls.SSLContext with CERT_REQUIRED"
    return "it checks none (CERT_NONE), and can't be told to; use sigv4_mp.net.http"


def _body(sealed, kind, headers, body):
    if body is None or isinstance(body, (bytes, bytearray, memoryview, str)) or kind == "raw":
        return None
    if kind == "aiohttp-mp":
        return "it takes bytes or str only, held whole; use sigv4_mp.net for more"
    if sealed.content_length is None:
        return "its length was not signed for: it would be sent chunked, S3 answers 501"
    if kind == "requests" and not hasattr(body, "read") and not hasattr(body, "__len__"):
        return "it sends a generator chunked, S3 answers 501; give bytes or an open file"
    return None


def _content_type(sealed, kind, headers, body):
    signed = headers.get("Content-Type")
    raw = isinstance(body, (bytes, bytearray, memoryview))
    if kind == "aiohttp-mp" and raw and body and signed != "application/octet-stream":
        return "it sends application/octet-stream with bytes; sign just that, or give a str body"
    if body is None or signed is not None:
        return None
    if kind == "urllib":
        return "it adds application/x-www-form-urlencoded; sign a content-type of your own"
    if kind == "aiohttp":
        return 'it adds one; sign your own, or pass skip_auto_headers=("Content-Type",)'
    return None


def _method(sealed, kind, headers, body):
    if kind == "aiohttp-mp" and sealed.method == "GET" and body is not None:
        return "it turns a GET with a body into POST; give it none"
    return None


def _rewritten_url(sealed, kind, headers, body):
    if kind[-3:] == "-mp" and ":" in sealed.host:
        return "it takes the address of an IPv6 host apart at its first colon; use a name"
    if kind not in ("requests", "aiohttp"):
        return None
    path = sealed.target.split("?")[0]
    rules = _rules(sealed)
    dots = not rules.normalize_path and [part for part in path.split("/") if part in (".", "..")]
    if dots or (rules.double_encode and "%" in path):
        text = "its path would be rewritten, and the signature is over what it was; "
        return text + (
            "pass yarl.URL(url, encoded=True)"
            if kind == "aiohttp"
            else "use urllib or sigv4_mp.net"
        )
    return None


_FOLLOWS = "pass allow_redirects=False: a redirect has to be signed anew"
_NOTES = {
    "requests": (
        _FOLLOWS,
        "use a Session with trust_env=False: a .netrc entry for the host replaces Authorization",
    ),
    "aiohttp": (_FOLLOWS,),
    "requests-mp": (
        "no_redirect also stops at the Location of a 201",
        "it waits for ever without timeout=",
    ),
    "aiohttp-mp": (
        "make the session with version=aiohttp.HttpVersion11: its own is HTTP/1.0",
        "it has no timeout: wrap it in asyncio.wait_for",
    ),
}


def no_redirect(line, headers):
    """Stop micropython-lib's requests at a redirect: give it parse_headers=no_redirect.

    Keeps each header as requests does. Raises: ProtocolError (location) before it is followed.
    """
    name, _, value = str(line, "utf-8").partition(":")
    if name.lower() == "location":
        raise ProtocolError("the server redirects; sign anew for where it leads", "location")
    headers[name] = value.strip()


def check_sent(sealed, head):
    """Compare the head that a client really sent (a log, a recording server) with what was signed.

    head: bytes-like, from the method to the empty line, or beyond.
    Raises: TamperError naming the first difference: its field is "method", "path", "query" or the
    header. No value of a token or signature is shown.
    """
    lines = bytes(head).split(b"\r\n\r\n")[0].split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or words[2][:7] != b"HTTP/1.":
        raise TamperError("head", "is not an HTTP/1 request head")
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers.append((name.lower(), value.strip()))
    path, _, query = words[1].partition(b"?")
    wanted = sealed.canonical_request.split(b"\n")
    try:
        rules = _rules(sealed)
        uri = canonical_uri(path, rules.normalize_path, rules.double_encode)
        query = _signed_query(sealed, query_pairs(query))
    except RequestError as error:
        raise TamperError("path", "can't be read: " + error.message)
    _same("method", words[0], wanted[0])
    _same("path", uri, wanted[1])
    _compare_queries(query, wanted[2])
    _compare_headers(sealed, headers, wanted[3:-3])
    _compare_framing(sealed, headers)


def _same(field, sent, signed):
    if sent != signed:
        if field == "x-amz-security-token":
            raise TamperError(field, "was not sent as it was signed")
        text = "was sent as %s, signed as %s" % (_shown(sent), _shown(signed))
        raise TamperError(field, text)


def _shown(value):
    return repr(bytes(value[:200]))[1:]


def _compare_queries(sent, signed):
    sent = sent.split(b"&")
    signed = signed.split(b"&")
    for one, other, text in (
        (signed, sent, "was signed, but not sent like that"),
        (sent, signed, "was sent, but not signed like that"),
    ):
        for pair in one:
            if one.count(pair) != other.count(pair):  # its value may be a token: not shown
                raise TamperError("query", "parameter %s %s" % (_shown(pair.split(b"=")[0]), text))


def _signed_query(sealed, pairs):
    """Return the canonical query, bytes, of what was sent, without what is not signed."""
    signed = dict(pairs)
    presigned = b"X-Amz-Signature" in signed
    if presigned and signed[b"X-Amz-Signature"] != sealed.signature.encode():
        raise TamperError("X-Amz-Signature", "is not the one that was made")
    kept = [pair for pair in pairs if pair[0] != b"X-Amz-Signature"]
    if presigned and _rules(sealed).token_after_signing:
        kept = [pair for pair in kept if pair[0] != b"X-Amz-Security-Token"]
    return canonical_query_string(kept)


def _compare_headers(sealed, headers, wanted):
    signed = sealed.signed_headers.encode().split(b";")
    sent = dict(canonical_headers([pair for pair in headers if pair[0] in signed]))
    for line in wanted:
        name, _, value = line.partition(b":")
        if name not in sent:
            raise TamperError(name.decode(), "was signed, but not sent")
        _same(name.decode(), sent[name], value)
    authorization = sealed.authorization
    found = [value for name, value in headers if name == b"authorization"]
    if found != ([] if authorization is None else [authorization.encode()]):
        raise TamperError("authorization", "was not sent as it was signed")
    known = [name.lower().encode() for name, _ in sealed.headers]
    for name, _ in headers:
        if name not in known and (name == b"content-type" or name[:6] == b"x-amz-"):
            raise TamperError(name.decode(), "was added, but not signed; sign it, or leave it out")


def _compare_framing(sealed, headers):
    lengths = [value for name, value in headers if name == b"content-length"]
    for name, _ in headers:
        if name == b"transfer-encoding":
            raise TamperError("transfer-encoding", "frames the body anew; S3 answers 501")
    wanted = [b"%d" % sealed.content_length] if sealed.content_length is not None else []
    if not sealed.content_length and not lengths and sealed.method not in ("PUT", "POST", "PATCH"):
        return
    if wanted and lengths != wanted:
        text = "was sent as %s, sealed as %s" % (_shown(b", ".join(lengths)), _shown(wanted[0]))
        raise TamperError("content-length", text)
