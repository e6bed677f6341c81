"""The human form of verify.py: one request; who signed it, what of it was signed, and what was not.

Runs under CPython and MicroPython, like the filter; that is why it has no argparse. It takes rich
for its colours where rich is installed.
"""

import os
import sys

from sign_human import Usage

from sigv4_mp import Credentials, SystemClock
from sigv4_mp.errors import SigV4Error
from sigv4_mp.verify import Verifier, VerifyError

USAGE = """\
Verify one signed request: who signed it, what of it, and what was left unsigned.

  verify.py --head FILE --region us-east-1 --service s3 [--body-file FILE] [--now 20130524T000000Z]
            [--keys keys.json | --example-credentials] [--unsigned-payload] [--explain]

  --head FILE             the request line and the headers, as they came; line ends may be LF
  --body-file FILE        the body as it came; without it the body is not checked
  --now                   the moment to judge for, UTC; without it, this machine's clock
  --keys FILE             JSON: {"AKID": "secret", ...}
  --example-credentials   judge by the keys of AWS's own documentation
  --unsigned-payload      take a body that the signature does not cover
  --explain               show the canonical request and the string to sign as a server has them

Without --keys they come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
Exit status: 0 accepted, 1 refused, 2 not understood.
Without arguments it is a filter: JSON lines in, JSON lines out.
"""

_FLAGS = ("explain", "example-credentials", "unsigned-payload", "help")
_VALUES = ("head", "body-file", "region", "service", "now", "keys")
# Published in AWS's documentation, good for nothing else.
_EXAMPLE = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)


def parse(arguments):
    """Return the options as a dict. Raises: Usage."""
    options = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name = word[2:]
        if not word.startswith("--") or name not in _FLAGS + _VALUES:
            raise Usage("unknown argument: " + word)
        if name in _FLAGS:
            options[name] = True
        elif not rest:
            raise Usage(word + " needs a value")
        else:
            options[name] = rest.pop(0)
    return options


def keys_of(options):
    """Return the `keys` function that the options name. Raises: Usage."""
    if "keys" in options:
        from verify import keys_of as keys_of_file
        from verify import load_keys

        try:
            return keys_of_file({}, load_keys(options["keys"]))
        except (OSError, ValueError) as error:
            raise Usage("--keys can't be read (%s)" % error)
    found = _EXAMPLE
    if "example-credentials" not in options:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        found = [os.getenv(name) or None for name in names]
    if not found[0] or not found[1]:
        raise Usage("give --keys, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    credentials = Credentials(*found)
    return lambda name: credentials if name == credentials.access_key_id else None


def read(path, option):
    """Return the bytes of a file. Raises: Usage."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:  # MicroPython's says no more than a number
        raise Usage("%s %s can't be read (%s)" % (option, path, error))


def head_of(options):
    """Return the request head, its line ends mended where an editor made them LF."""
    data = read(options["head"], "--head")
    if b"\r" not in data:
        data = data.replace(b"\n", b"\r\n")
    while not data.endswith(b"\r\n\r\n"):
        if not data:
            raise Usage("--head is empty")
        data += b"\r\n" if data.endswith(b"\r\n") else b"\r\n\r\n"
    return data


def judge(options, say):
    """Say the verdict; return the exit status."""
    for name in ("head", "region", "service"):
        if name not in options:
            raise Usage("--%s is missing" % name)
    verifier = Verifier(
        keys_of(options),
        options["region"],
        options["service"],
        SystemClock(),
        unsigned_payload="unsigned-payload" in options,
    )
    head = head_of(options)
    body = read(options["body-file"], "--body-file") if "body-file" in options else None
    if "explain" in options:
        explain(verifier, head, body, options, say)
    try:
        request = verifier.verify(head, body, amz_date=options.get("now"))
    except VerifyError as error:
        say("refused", "red", "%s, HTTP %d (rule: %s)" % (error.code, error.status, error.rule))
        say("", None, error.message)
        return 1
    say("accepted", "green", "%s %s" % (request.method, request.path))
    say("who", None, "%s, %s" % (request.access_key_id, request.credential_scope))
    say("when", None, request.amz_date)
    say("signed", None, request.signed_headers.replace(";", ", "))
    say("payload", None, request.payload + ("" if body is not None else ", not checked here"))
    say("not signed", "yellow", ", ".join(request.unsigned) or "nothing")
    return 0


def explain(verifier, head, body, options, say):
    """Show the two strings of a server. They hold no secret, but a session token stays out."""
    from sigv4_mp.digest import sha256_hex
    from sigv4_mp.encode import uri_encode

    try:
        claim = verifier.read(head, options.get("now"))
    except VerifyError:
        return  # the verdict says it
    payload_hash = sha256_hex(body or b"") if claim.needs_body else None
    token = claim.auth.session_token
    for title, text in (
        ("canonical request", claim.canonical_request(payload_hash)),
        ("string to sign", claim.string_to_sign(payload_hash)),
    ):
        if token:
            for form in (token, uri_encode(token)):
                text = text.replace(form, b"(session token, %d bytes)" % len(token))
        say(title, "cyan", "")
        for line in text.decode().split("\n"):
            say("", None, "    " + line)


def teller():
    """Return say(title, colour, text), in colours where there is rich and a terminal."""
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        return lambda title, colour, text: print(_line(title, text))
    console = Console(highlight=False, soft_wrap=True)

    def say(title, colour, text):
        line = Text(_line(title, text))
        line.stylize("bold " + colour if colour else "", 0, len(title))
        console.print(line)

    return say


def _line(title, text):
    return ("%-11s %s" % (title, text)).rstrip()


def main(arguments):
    """Do what the arguments say; return the exit status."""
    try:
        options = parse(arguments)
        if "help" in options:
            print(USAGE)
            return 0
        return judge(options, teller())
    except (Usage, SigV4Error) as error:
        print("verify.py: %s (--help tells how)" % error, file=sys.stderr)
        return 2
