"""The snippets of docs/own-client.md run, and what they send is what was signed."""

import re

import pytest

import targets
from e2e_tools import amz_date, compiled_library
from recorder import Recorder
from sigv4_mp import Credentials, FixedClock, Signer
from sigv4_mp.errors import TamperError
from sigv4_mp.own_client import check_sent

PAGE = (targets.ROOT / "docs" / "own-client.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^<!-- run: (\w+) -->\n```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
BODY = b"what a sensor says"


def of(kind):
    return [code for found, code in SNIPPETS if found == kind]


def signer(date):
    return Signer(Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock(date))


def signed_again(code, server, date):
    """Return the SealedRequest that a snippet made."""
    headers = [("Content-Type", "text/plain")] if "text/plain" in code else ()
    return signer(date).sign("PUT", server.url() + "/bucket/key", headers, BODY)


def test_there_are_snippets():
    assert [len(of(kind)) for kind in ("cpython", "micropython", "check")] == [4, 1, 1]


@pytest.mark.parametrize("number", range(4))
def test_a_snippet_on_cpython(number):
    code, date = of("cpython")[number], amz_date()
    with Recorder() as server:
        exec(code, {"signer": signer(date), "url": server.url() + "/bucket/key", "body": BODY})
    (data,) = server.requests
    check_sent(signed_again(code, server, date), data)
    assert data.endswith(b"\r\n\r\n" + BODY)


def test_the_snippet_that_checks():
    names = {"sealed": signer(amz_date()).sign("GET", "https://10.0.0.5:9000/b/k")}
    names["recorded"] = names["sealed"].head
    exec(of("check")[0], names)
    names["recorded"] = names["recorded"].replace(b":9000", b"")
    with pytest.raises(TamperError) as caught:
        exec(of("check")[0], names)
    assert "TamperError: " + str(caught.value) in of("check")[0]


@pytest.mark.targets("unix", "unix32")
def test_a_snippet_on_micropython(target):
    code, date = of("micropython")[0], amz_date()
    with Recorder() as server:
        before = (
            "import gc; gc.threshold(4096)\n"
            "from sigv4_mp import Credentials, FixedClock, Signer\n"
            "keys = Credentials('AKIDEXAMPLE', 'secret')\n"
            "signer = Signer(keys, 'us-east-1', 's3', FixedClock(%r))\n"
            "url = %r\nbody = %r\n" % (date, server.url() + "/bucket/key", BODY)
        )
        done = target.run("main.py", files=dict(compiled_library(), **{"main.py": before + code}))
    assert done.code == 0, done.stderr.decode()
    check_sent(signed_again(code, server, date), server.requests[0])
