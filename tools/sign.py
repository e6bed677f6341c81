"""The signer as a filter: JSON lines in, JSON lines out; or one request, explained.

    sign.py < requests.jsonl                  filter; see docs/architecture.md for the keys
    sign.py --method GET --url https://… --region us-east-1 --service s3 --explain

It runs unchanged under CPython (3.9 and newer) and MicroPython (1.24 and newer). Secrets come from
the input lines, or from the environment in the second form: never from the command line.
"""

import json
import sys
from binascii import a2b_base64


def _library():
    """Return the folder of the library beside this file's folder."""
    here = globals().get("__file__") or sys.argv[0]
    parts = here.replace("\\", "/").split("/")[:-1]
    return "/".join(parts + ["..", "lib"])


try:
    import sigv4_mp  # noqa: F401
except ImportError:
    sys.path.insert(0, _library())

from sigv4_mp import Credentials, Signer
from sigv4_mp.encode import to_bytes
from sigv4_mp.errors import RequestError, SigV4Error

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_OUTPUT = (
    "canonical_request",
    "string_to_sign",
    "signature",
    "signed_headers",
    "credential_scope",
    "authorization",
    "headers",
    "target",
    "head",
    "unsendable",
)


def mend(value):
    """Return JSON text with each surrogate pair joined: MicroPython's parser leaves them apart."""
    if isinstance(value, list):
        return [mend(item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        data = value.encode()
    except UnicodeError:
        return value  # a lone surrogate: the library refuses it by name
    if b"\xed" not in data:
        return value
    out = bytearray()
    at = 0
    while at < len(data):
        pair = data[at : at + 6]
        if len(pair) == 6 and pair[0] == pair[3] == 0xED and 0xA0 <= pair[1] < 0xB0 <= pair[4]:
            out.extend(_join(pair).encode())
            at += 6
        else:
            out.append(data[at])
            at += 1
    return bytes(out).decode()


def _join(pair):
    high = (pair[1] & 0x0F) << 6 | pair[2] & 0x3F
    low = (pair[4] & 0x0F) << 6 | pair[5] & 0x3F
    return chr(0x10000 + (high << 10) + low)


def need(request, name, kind=str):
    """Return request[name]. Raises: RequestError if it is missing or of another type."""
    if name not in request or request[name] is None:
        raise RequestError(name, "is missing")
    return of_kind(request[name], name, kind)


def of_kind(value, name, kind):
    """Return value. Raises: RequestError if it is not of this type."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RequestError(name, "has the wrong type")
    return value


def maybe(request, name, kind=str):
    """Return request[name], or None if it is missing or null."""
    value = request.get(name)
    return None if value is None else of_kind(value, name, kind)


def payload_of(request):
    """Return (payload bytes or None, payload_hash str or None) of an input line."""
    body = maybe(request, "body")
    encoded = maybe(request, "body_base64")
    payload_hash = maybe(request, "payload_hash")
    if [body, encoded, payload_hash].count(None) < 2:
        raise RequestError("body", "give one of body, body_base64 and payload_hash")
    if encoded is not None:
        return from_base64(encoded), None
    return None if body is None else to_bytes(body, "body"), payload_hash


def from_base64(text):
    """Return the bytes of base64 text. Raises: RequestError; binascii skips what it can't read."""
    data = to_bytes(text, "body_base64")
    digits = data.rstrip(b"=")
    for byte in digits:
        if byte not in _BASE64:
            digits = None
            break
    if digits is None or len(data) % 4 or len(data) - len(digits) > 2:
        raise RequestError("body_base64", "is not base64, padded with '='")
    return a2b_base64(data)


def signer_of(request):
    """Return the Signer that an input line describes."""
    credentials = Credentials(
        need(request, "access_key_id"),
        need(request, "secret_access_key"),
        maybe(request, "session_token"),
    )
    return Signer(
        credentials,
        need(request, "region"),
        need(request, "service"),
        normalize_path=maybe(request, "normalize_path", bool),
        double_encode=maybe(request, "double_encode", bool),
        sign_body=maybe(request, "sign_body", bool),
        token_after_signing=bool(maybe(request, "token_after_signing", bool)),
    )


def url_of(request, headers):
    """Return the URL of target and Host header, wire form."""
    target = need(request, "target")
    if not target.startswith("/"):
        raise RequestError("target", "must start with '/'")
    hosts = [value for name, value in headers if name.lower() == "host"]
    if not hosts:
        raise RequestError("host", "is missing from the headers")
    return "https://" + hosts[0].strip() + target


def headers_of(request):
    """Return the [(name, value)] of an input line."""
    pairs = []
    for pair in maybe(request, "headers", list) or ():
        if not isinstance(pair, list) or len(pair) != 2:
            raise RequestError("headers", "must be [name, value] pairs")
        pairs.append((of_kind(pair[0], "headers", str), of_kind(pair[1], "headers", str)))
    return pairs


def seal(request):
    """Return the SealedRequest of an input line (a dict)."""
    signer = signer_of(request)
    headers = headers_of(request)
    url = url_of(request, headers)
    payload, payload_hash = payload_of(request)
    auth = maybe(request, "auth")
    method = need(request, "method")
    options = {"headers": headers, "payload_hash": payload_hash, "unsendable_ok": True}
    if auth == "query":
        if "expires" not in request:
            raise RequestError("expires", "is missing")
        prepared = signer.prepare_presigned(method, url, request["expires"], **options)
    elif auth in (None, "header"):
        prepared = signer.prepare(method, url, **options)
    else:
        raise RequestError("auth", 'must be "header" or "query"')
    return prepared.seal(payload, payload_hash, amz_date=need(request, "amz_date"))


def describe(sealed):
    """Return the output of a SealedRequest, as a dict."""
    unsendable = sealed.unsendable
    return {
        "canonical_request": sealed.canonical_request.decode(),
        "string_to_sign": sealed.string_to_sign.decode(),
        "signature": sealed.signature,
        "signed_headers": sealed.signed_headers,
        "credential_scope": sealed.credential_scope,
        "authorization": sealed.authorization,
        "headers": sealed.added_headers,
        "target": sealed.target,
        "head": None if unsendable else sealed.head.decode(),
        "unsendable": unsendable,
    }


def parse(line):
    """Return the dict of an input line (bytes). Raises: RequestError."""
    line = line.strip()
    request = None
    if line.startswith(b"{") and line.endswith(b"}"):  # MicroPython's parser takes a cut line
        try:
            request = json.loads(line)
        except (ValueError, RuntimeError):
            pass
    if not isinstance(request, dict):
        raise RequestError("json", "the line is not a JSON object")
    for name in request:
        request[name] = mend(request[name])
    return request


def process(line):
    """Return the output line (str, no line end) for an input line (bytes)."""
    try:
        output = describe(seal(parse(line)))
        return to_json(output, [name for name in _OUTPUT if name != "unsendable" or output[name]])
    except SigV4Error as error:
        # Callers of the filter know the URL as target.
        field = "target" if error.field == "url" else error.field
        output = {"error": type(error).__name__, "field": field, "message": error.message}
    except MemoryError:
        output = {"error": "MemoryError", "field": None, "message": "the line is too big for RAM"}
    return to_json(output, ("error", "field", "message"))


def to_json(output, names):
    """Return a dict as JSON, its names in this order: MicroPython's dicts keep none."""
    return "{%s}" % ", ".join(['"%s": %s' % (name, dumps(output[name])) for name in names])


def dumps(value):
    """Return value as JSON, the same text on every interpreter."""
    if sys.implementation.name == "micropython":
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def run_filter(source, sink):
    """Answer each line of source (a binary file) with a line into sink (a binary file)."""
    while True:
        line = source.readline()
        if not line:
            return
        if not line.isspace():
            answer = process(line)
            line = None  # what it holds may be needed for the next steps
            sink.write(encoded(answer))
            sink.write(b"\n")
            if hasattr(sink, "flush"):
                sink.flush()


def encoded(answer):
    """Return the output line as bytes, or that there is no RAM for it."""
    try:
        return answer.encode()
    except MemoryError:
        return b'{"error": "MemoryError", "field": null, "message": "the answer is too big"}'


def main(arguments):
    """Run the filter, or the human form if there are arguments. Return the exit status."""
    if arguments:
        from sign_human import main as human

        return human(arguments)
    run_filter(getattr(sys.stdin, "buffer", sys.stdin), getattr(sys.stdout, "buffer", sys.stdout))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
