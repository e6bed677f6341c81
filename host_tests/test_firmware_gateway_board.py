"""firmware/gateway on the emulated RP2040: verified there, signed anew there, stored by Swift.

The emulator's network does not let anybody connect to the board (tools/emulator/README.md), so the
devices' connections are stand-ins; all behind them is as it is, TLS to Swift included.
"""

import json
import re
from pathlib import Path

import pytest

import test_verify_xks as xks_tests
from e2e_tools import code_of, compiled
from test_firmware_gateway import COMMON, FOLDER, settings, signed, stored, stored_at

pytestmark = pytest.mark.targets("rp2040")


class Place:
    """Where the devices believe the gateway to be."""

    url = "http://gateway.local:8080"


def test_on_the_board(target, swift, ntp, record_property):
    upstream = stored_at(swift)
    body = bytes(range(256)) * 12
    spoilt = bytearray(signed(Place, swift, "pump-7/spoilt", body))
    spoilt[-1] ^= 1
    requests = {
        "good.http": signed(Place, swift, "pump-7/board", body),
        "again.http": b"",
        "spoilt.http": bytes(spoilt),
        "forged.http": signed(Place, swift, "pump-7/forged", body, secret="wrong"),
    }
    requests["again.http"] = requests["good.http"]
    xks = {"access_key_id": xks_tests.FIRST, "secret_access_key": xks_tests.KEYS[xks_tests.FIRST]}
    xks.update(region=xks_tests.REGION, policy=xks_tests.POLICY, now=xks_tests.NOW_TEXT)
    config = settings(swift, deadline_s=600, head_s=600, ntp_agreeing=1, ntp_cross_check=False)
    config.update(names=list(requests), ca_file="ca.der", hosts=["gateway.local:8080"], xks=xks)
    config["buffer"] = 4096  # so that it is sent again where a busy machine lets a connection go
    requests["xks.http"] = xks_tests.by_awscrt() + xks_tests.BODY
    config["ntp_servers"] = ["%s:%d" % (ntp.address, ntp.port)]
    files = {path.stem + ".mpy": compiled(path, path.name) for path in FOLDER.glob("[gr]*.py")}
    files.update(requests)
    files["config.json"] = json.dumps(config).replace("127.0.0.1", "localhost")
    files["ca.der"] = Path(swift.ca_file).with_name("ca.der").read_bytes()
    files["device.mpy"] = compiled(COMMON, "device.py")
    files["example.mpy"] = compiled(FOLDER / "main.py", "main.py")
    done = target.run("gateway_board.py", files=files, timeout=900)
    assert done.code == 0, done.text + done.stderr.decode()
    told = {}
    for line in re.findall(r"^answer (.*)$", done.text, re.M):
        one = json.loads(line)
        print("%s: %d ms of the board's clock" % (one["of"], one["ms"]))
        told[one["of"]] = (int(one["told"].split(" ")[1]), code_of(one["told"]))
    assert told == {
        "good.http": (200, None),
        "again.http": (403, "AccessDenied"),
        "spoilt.http": (400, "XAmzContentSHA256Mismatch"),
        "forged.http": (403, "SignatureDoesNotMatch"),
    }, done.text
    assert stored(upstream, "pump-7/board") == body
    assert stored(upstream, "pump-7/spoilt") is None
    assert stored(upstream, "pump-7/forged") is None
    for words in re.findall(r"^(?:heap|verify) .*$", done.text, re.M):
        print(words)
        record_property("board", words)
    took = json.loads(re.search(r"^verify (.*)$", done.text, re.M).group(1))
    # Of the board's own clock: KMS waits 250 ms for the whole answer.
    assert took["us"] < took["first_us"] < 250000
