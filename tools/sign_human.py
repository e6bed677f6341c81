"""The human form of sign.py: one request, its head or URL, and each step explained.

Runs under CPython and MicroPython, like the filter; that is why it has no argparse and no rich.
"""

import os
import sys

from sigv4_mp import Credentials, Signer, SystemClock
from sigv4_mp.digest import EMPTY_SHA256, hash_reader
from sigv4_mp.errors import SigV4Error

USAGE = """\
Sign one request with AWS Signature Version 4 and show how.

  sign.py --method PUT --url https://bucket.s3.amazonaws.com/key --region us-east-1 --service s3
          [--header "Name: value"]... [--body TEXT | --body-file FILE | --unsigned-payload]
          [--amz-date 20130524T000000Z] [--expires SECONDS] [--explain] [--example-credentials]

  --explain               print the four steps, each with what it is for
  --expires SECONDS       presign: the signature goes into the URL, good for so long
  --amz-date              the moment to sign for, UTC; without it, this machine's clock
  --example-credentials   sign with the keys of AWS's own documentation

Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
Without arguments it is a filter: JSON lines in, JSON lines out.
"""

_FLAGS = ("explain", "example-credentials", "unsigned-payload", "help")
_VALUES = ("method", "url", "region", "service", "body", "body-file", "amz-date", "expires")

# Published in AWS's documentation, good for nothing else.
_EXAMPLE = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)

_STEPS = (
    (
        "1. Canonical request",
        "What is signed, in a form that both sides can compute: method, path, query, the signed\n"
        "headers and their names, the hash of the body. A proxy that changes any of it breaks it.",
    ),
    (
        "2. Hash of the canonical request",
        "SHA-256 of step 1. If the server shows another one, compare the canonical requests.",
    ),
    (
        "3. String to sign",
        "Algorithm, time, credential scope, hash of step 2. The time must be within minutes of\n"
        "the server's, the scope must name the endpoint's region and service.",
    ),
    (
        "4. Signature",
        "HMAC-SHA256 of step 3 with a key derived from the secret for that day, region, service.\n"
        "If steps 1 to 3 agree with the server's and this does not, the secret is wrong.",
    ),
)


class Usage(Exception):
    """The command line is not understood."""


def parse(arguments):
    """Return the options as a dict; `header` is a list. Raises: Usage."""
    options = {"header": []}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name = word[2:]
        if not word.startswith("--") or name not in _FLAGS + _VALUES + ("header",):
            raise Usage("unknown argument: " + word)
        if name in _FLAGS:
            options[name] = True
        elif not rest:
            raise Usage(word + " needs a value")
        elif name == "header":
            options["header"].append(_header(rest.pop(0)))
        else:
            options[name] = rest.pop(0)
    return options


def _header(text):
    name, colon, value = text.partition(":")
    if not colon:
        raise Usage('--header wants "Name: value"')
    return name.strip(), value.strip()


def credentials(options):
    """Return (access_key_id, secret_access_key, session_token). Raises: Usage."""
    if "example-credentials" in options:
        return _EXAMPLE
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    access_key_id, secret, session_token = [os.getenv(name) for name in names]
    if not access_key_id or not secret:
        raise Usage("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --example-credentials")
    return access_key_id, secret, session_token or None


def commitment(options):
    """Return (payload_hash, length) of the body that the options name."""
    if "unsigned-payload" in options:
        return "UNSIGNED-PAYLOAD", None
    if "body-file" in options:
        try:
            with open(options["body-file"], "rb") as file:
                payload_hash, length = hash_reader(file, bytearray(4096))
        except OSError as error:  # MicroPython's says no more than a number
            raise Usage("--body-file %s can't be read (%s)" % (options["body-file"], error))
        return payload_hash.decode(), length
    if "body" in options:
        from sigv4_mp.digest import sha256_hex

        body = options["body"].encode()
        return sha256_hex(body).decode(), len(body)
    return (None, None) if "expires" in options else (EMPTY_SHA256, 0)


def seal(options):
    """Return the SealedRequest that the options describe."""
    for name in ("url", "region", "service"):
        if name not in options:
            raise Usage("--%s is missing" % name)
    method = options.get("method", "GET")
    payload_hash, length = commitment(options)
    signer = Signer(
        Credentials(*credentials(options)), options["region"], options["service"], SystemClock()
    )
    arguments = {"headers": options["header"], "payload_hash": payload_hash}
    if "expires" in options:
        expires = options["expires"]
        expires = int(expires) if expires.isdigit() else expires
        prepared = signer.prepare_presigned(method, options["url"], expires, **arguments)
    else:
        prepared = signer.prepare(method, options["url"], **arguments)
    return prepared.seal(
        payload_hash=payload_hash, content_length=length, amz_date=options.get("amz-date")
    )


def explain(sealed, show, bold):
    """Show the four steps of a SealedRequest, its session token blotted out."""
    steps = (
        sealed.canonical_request.decode(),
        sealed.string_to_sign.decode().split("\n")[-1],
        sealed.string_to_sign.decode(),
        sealed.signature,
    )
    for (title, meaning), text in zip(_STEPS, steps):
        show(bold(title))
        show(meaning)
        show("")
        for line in redact(text, sealed).split("\n"):
            show("    " + line)
        show("")


def redact(text, sealed):
    """Return text without the session token of the sealed request."""
    from sigv4_mp.encode import uri_encode

    token = sealed.session_token
    if token is not None:
        note = "(session token, %d bytes)" % len(token)
        text = text.replace(uri_encode(token).decode(), note).replace(token.decode(), note)
    return text


def _bold(text):
    if hasattr(sys.stdout, "isatty") and sys.stdout.isatty():
        return "\x1b[1;36m%s\x1b[0m" % text
    return text


def main(arguments):
    """Do what the arguments say; return the exit status."""
    try:
        options = parse(arguments)
        if "help" in options:
            print(USAGE)
            return 0
        sealed = seal(options)
    except (Usage, SigV4Error) as error:
        print("sign.py: %s (--help tells how)" % error, file=sys.stderr)
        return 2
    if "explain" in options:
        explain(sealed, print, _bold)
        print(_bold("What is sent"))
        text = sealed.url if "expires" in options else sealed.head.decode().strip()
        print("    " + redact(text, sealed).replace("\r\n", "\n    "))
    else:
        print(sealed.url if "expires" in options else sealed.head.decode().rstrip())
    return 0
