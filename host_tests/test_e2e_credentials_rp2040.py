"""The whole chain on the emulated RP2040: mutual TLS, temporary credentials, an upload over TLS."""

import json
import time
from pathlib import Path

import pytest

from e2e_tools import boto_client
from tools.servers.iot_credentials import ALIAS, THING, IotCredentials

pytestmark = pytest.mark.targets("rp2040")
BUCKET = "emulated"
# The board's 25 seconds take minutes here, and more beside other tests.
LIMIT_S = 3000


@pytest.mark.slow
def test_the_whole_chain(target, ministack, record_property):
    """Its mbedTLS takes its memory from the heap that is measured; the library is frozen."""
    s3 = boto_client(ministack, "s3")
    s3.create_bucket(Bucket=BUCKET)
    with IotCredentials(ministack, shared_ca=True, patience_s=LIMIT_S) as iot:
        result = target.run(
            "rp2040_credentials.py", files=files(iot, ministack), timeout=LIMIT_S
        ).check()
    assert (iot.fetches, iot.refused) == (1, 0)
    assert (iot.seen[-1]["subject"], iot.seen[-1]["sni"]) == (THING, "localhost")
    assert iot.seen[-1]["headers"]["x-amzn-iot-thingname"] == THING
    assert s3.get_object(Bucket=BUCKET, Key="emulated/a")["Body"].read() == b"reading 20.5"
    heap = json.loads(result.text.partition("heap ")[2].splitlines()[0])
    record_property("heap", heap)
    assert 0 < heap["fetched"] < 48 << 10
    assert 0 < heap["put"] < 56 << 10


def files(iot, ministack):
    """Return {name: bytes} of what the program reads."""
    certificate, key = iot.identity("der")
    now = time.gmtime()
    settings = {
        "time": (*now[:3], now[6], *now[3:6], 0),
        "iot": iot.endpoint,
        "alias": ALIAS,
        "thing": THING,
        "s3": ministack.https_url,
        "region": ministack.region,
        "bucket": BUCKET,
    }
    return {
        "cert.der": Path(certificate).read_bytes(),
        "key.der": Path(key).read_bytes(),
        "ca.der": Path(ministack.tls_dir, "ca.der").read_bytes(),
        "settings.json": json.dumps(settings),
    }
