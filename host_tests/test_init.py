"""The package's lazy names: all of them work, and nothing is loaded that was not asked for."""

import pytest

from core import section

# A fresh interpreter: what is loaded after each statement, beyond what came before.
SCRIPT = """
import sys
import _check

def loaded():
    return sorted([name[9:] for name in sys.modules if name.startswith("sigv4_mp.")])

import sigv4_mp
_check.equal("import", loaded(), ["version"])
_check.true("a name of the interpreter's", not hasattr(sigv4_mp, "__wrapped__"))
_check.equal("probing loads nothing", loaded(), ["version"])
sigv4_mp.EMPTY_SHA256
_check.equal("a constant", loaded(), ["digest", "errors", "version"])
sigv4_mp.Signer
floor_0 = loaded()
optional = [name for name in floor_0 if name.split(".")[0] in ("device", "net", "services")]
optional += [name for name in ("presign", "post_policy") if name in floor_0]
_check.equal("the signer", ("signer" in floor_0, optional), (True, []))
signer = sigv4_mp.Signer(None, "r", "s")
sigv4_mp.Credentials
_check.equal("credentials", loaded(), sorted(floor_0 + ["device", "device.credentials"]))
sigv4_mp.FixedClock
with_clock = sorted(floor_0 + ["device", "device.credentials", "device.clock"])
_check.equal("a clock", loaded(), with_clock)
signer.credentials = sigv4_mp.Credentials("AKID", "secret")
signer.sign("GET", "https://h/", amz_date="20150830T123600Z")
_check.equal("signing loads no more", loaded(), with_clock)
signer.presign("GET", "https://h/", 60, amz_date="20150830T123600Z")
_check.equal("presigning does", loaded(), sorted(with_clock + ["presign"]))
_check.done()
"""


def test_lazy_names(target):
    assert section(target, "core_post.py", "lazy_names")


def test_nothing_is_loaded_before_its_use(target):
    target.run("lazy.py", files={"lazy.py": SCRIPT}, heap="512k").check()


@pytest.mark.targets("cpython", "unix", "unix32")  # net needs sockets
def test_services_and_transport(target):
    script = """
import sys
import _check
import sigv4_mp
from sigv4_mp import S3, http
_check.true("S3", S3 is sys.modules["sigv4_mp.services.s3"].S3 and sigv4_mp.S3 is S3)
_check.true("http", http is sys.modules["sigv4_mp.net.http"] and http.Http)
_check.done()
"""
    target.run("lazy.py", files={"lazy.py": script}, heap="512k").check()
