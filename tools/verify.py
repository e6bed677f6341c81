"""The verifier as a filter: JSON lines in, JSON lines out; or one request, judged.

    verify.py [--keys keys.json] < requests.jsonl        filter
    verify.py --head request.txt --region us-east-1 --service s3     one request, for a reader

A line: region, service; the request as `head` (str) or `head_base64`, or as `method`, `target`
(or `url`) and `headers` ([[name, value], ...]); `body` or `body_base64`, without which the body is
not checked, or `payload_hash` instead, where no header has it; `now` (amz_date; without it this
machine's clock); `access_key_id`, `secret_access_key`, `session_token` where no file of keys is
given; and, by their names, the arguments of `sigv4_mp.verify.Verifier`.
It runs unchanged under CPython (3.9 and newer) and MicroPython (1.24 and newer). Secrets come from
the lines, from a file, or from the environment: never from the command line.
"""

import json
import sys

from sign import encoded, from_base64, headers_of, maybe, need, of_kind, parse, to_json

from sigv4_mp import Credentials, SystemClock
from sigv4_mp.encode import to_bytes
from sigv4_mp.errors import RequestError, SigV4Error
from sigv4_mp.verify import Verifier, VerifyError
from sigv4_mp.verify_head import Head

_FLAGS = (
    "normalize_path",
    "double_encode",
    "unsigned_payload",
    "transfer_encoding",
    "token_after_signing",
    "exact_path",
    "raw_target",
    "tell_unknown",
)
_LISTS = ("hosts", "require_signed", "may_be_unsigned")
_ACCEPTED = (
    "verdict",
    "access_key_id",
    "credential_scope",
    "amz_date",
    "method",
    "path",
    "canonical_query_string",
    "signed_headers",
    "payload",
    "body_checked",
    "unsigned",
)
_REFUSED = ("verdict", "status", "code", "rule", "message")


def keys_of(request, known):
    """Return the `keys` function for an input line.

    known: {access key id: secret, or dict of secret_access_key and session_token}, or None.
    """
    if known is None:
        name = need(request, "access_key_id")
        secret = need(request, "secret_access_key")
        known = {name: {"secret_access_key": secret}}
        known[name]["session_token"] = maybe(request, "session_token")

    def find(access_key_id):
        name = access_key_id.decode()
        entry = known.get(name)
        if not isinstance(entry, dict):
            return entry
        return Credentials(name, need(entry, "secret_access_key"), maybe(entry, "session_token"))

    return find


def verifier_of(request, known):
    """Return the Verifier that an input line describes."""
    options = {}
    for name in _FLAGS:
        value = maybe(request, name, bool)
        if value is not None:
            options[name] = value
    for name in _LISTS:
        value = maybe(request, name, list)
        if value is not None:
            options[name] = [of_kind(item, name, str) for item in value]
    tolerance = maybe(request, "tolerance", int)
    keys = keys_of(request, known)
    region, service = need(request, "region"), need(request, "service")
    return Verifier(keys, region, service, SystemClock(), tolerance=tolerance, **options)


def head_of(request):
    """Return the request head of an input line: bytes or Head."""
    text, coded = maybe(request, "head"), maybe(request, "head_base64")
    if text is not None or coded is not None:
        return from_base64(coded) if text is None else to_bytes(text, "head")
    headers = headers_of(request)
    url = maybe(request, "url")
    if url is None:
        return Head(need(request, "method"), need(request, "target"), headers)
    rest = url.partition("://")[2]
    cut = min([at for at in (rest.find("/"), rest.find("?"), len(rest)) if at >= 0])
    if "host" not in [name.lower() for name, _ in headers]:
        headers.insert(0, ("host", rest[:cut]))
    target = rest[cut:] if rest[cut:].startswith("/") else "/" + rest[cut:]
    return Head(need(request, "method"), target, headers)


def body_of(request):
    """Return the body of an input line, bytes, or None where it has none."""
    text, coded = maybe(request, "body"), maybe(request, "body_base64")
    if coded is not None:
        return from_base64(coded)
    return None if text is None else to_bytes(text, "body")


def judge(request, known=None):
    """Return the verdict on an input line (a dict), a dict. Raises: SigV4Error for a bad line."""
    verifier = verifier_of(request, known)
    body = body_of(request)
    payload_hash, now = maybe(request, "payload_hash"), maybe(request, "now")
    try:
        found = verifier.verify(head_of(request), body, payload_hash, amz_date=now)
    except VerifyError as error:
        return refusal(error)
    return {
        "verdict": "accepted",
        "access_key_id": found.access_key_id,
        "credential_scope": found.credential_scope,
        "amz_date": found.amz_date,
        "method": found.method,
        "path": found.path,
        "canonical_query_string": found.canonical_query_string,
        "signed_headers": found.signed_headers,
        "payload": found.payload,
        "body_checked": body is not None,
        "unsigned": found.unsigned,
    }


def refusal(error):
    """Return the verdict of a VerifyError, a dict."""
    return {
        "verdict": "refused",
        "status": error.status,
        "code": error.code,
        "rule": error.rule,
        "message": error.message,
    }


def process(line, known=None):
    """Return the output line (str, no line end) for an input line (bytes)."""
    try:
        verdict = judge(parse(line), known)
        names = _ACCEPTED if verdict["verdict"] == "accepted" else _REFUSED
        return to_json(verdict, names)
    except SigV4Error as error:
        output = {"error": type(error).__name__, "field": error.field, "message": error.message}
    except MemoryError:
        output = {"error": "MemoryError", "field": None, "message": "the line is too big for RAM"}
    return to_json(output, ("error", "field", "message"))


def load_keys(path):
    """Return the keys in a JSON file: {access key id: secret or {"secret_access_key": ...}}."""
    with open(path, "rb") as file:
        known = json.loads(file.read())
    if not isinstance(known, dict):
        raise RequestError("keys", "must be a JSON object: access key id -> secret")
    return known


def run_filter(source, sink, known=None):
    """Answer each line of source (a binary file) with a line into sink (a binary file)."""
    while True:
        line = source.readline()
        if not line:
            return
        if not line.isspace():
            sink.write(encoded(process(line, known)))
            sink.write(b"\n")
            if hasattr(sink, "flush"):
                sink.flush()


def main(arguments):
    """Run the filter, or the human form if there are arguments. Return the exit status."""
    if arguments and arguments[0] != "--keys" or len(arguments) > 2:
        from verify_human import main as human

        return human(arguments)
    known = None
    if arguments:
        try:
            known = load_keys(arguments[-1])
        except (OSError, ValueError, SigV4Error) as error:
            print("verify.py: --keys: " + str(error), file=sys.stderr)
            return 2
    run_filter(
        getattr(sys.stdin, "buffer", sys.stdin), getattr(sys.stdout, "buffer", sys.stdout), known
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
