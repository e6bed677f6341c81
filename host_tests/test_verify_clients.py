"""Clients that we did not write are accepted; their requests are not, once they say otherwise.

boto3, awscrt, minio-py, curl and rclone send to a recorder on loopback; the bytes that came are
verified. Then each is changed in every way of verify_tools.py: AWS's code must come back, and what
is still accepted must mean what it meant, as http.client and urllib read it.
"""

import collections
import functools
import hashlib
import re

import pytest

import verify_recordings
from e2e_tools import ask
from sigv4_mp import Credentials
from sigv4_mp.verify import Verifier, VerifyError
from verify_recordings import ACCESS_KEY_ID, BODY, CLIENTS, ODD_KEYS, REGION, SECRET
from verify_tools import meaning, mutations, take_apart

pytestmark = pytest.mark.slow  # it starts clients of their own environments

# The strictest policy that takes what the clients send: some of them leave the body to TLS.
POLICY = {"unsigned_payload": True, "transfer_encoding": True, "exact_path": True}
CAMPAIGN = {  # one of each kind: a body, a query, a URL, a framing, a token
    "boto3": ("put", "list", "presigned", "trailer tls", "token"),
    "awscrt": ("put", "key %C3%BC//%C3%9F", "presigned"),
    "minio": ("put", "list", "presigned put"),
    "curl": ("put", "key", "list", "api"),
    "rclone": ("put", "get", "presigned"),
}
# What S3 documents for what is wrong there; "" is accepted. "form": what is no HTTP/1.1 at all.
FORM = "InvalidRequest InvalidURI"
SIGNED = "SignatureDoesNotMatch"
SCOPE = "AuthorizationHeaderMalformed"
DATE = "AccessDenied RequestTimeTooSkewed " + SIGNED + " " + SCOPE
BODIES = "XAmzContentSHA256Mismatch IncompleteBody BadDigest MalformedTrailerError"
CODES = {
    "method": SIGNED,
    "path": SIGNED,
    "query": SIGNED + " InvalidArgument",
    "version": "",
    "frame": "",
    "end": "",
    "order": "",
    "body": BODIES,
    "date": DATE,
    "scope": SCOPE,
    "added": "AccessDenied InvalidArgument IncompleteBody",
    "auth:form": SCOPE + " InvalidAccessKeyId",
    "auth:algorithm": "",
    "auth:key": "InvalidAccessKeyId " + SCOPE,
    "auth:date": SCOPE,
    "auth:region": SCOPE,
    "auth:service": SCOPE,
    "auth:end": SCOPE,
    "auth:signed": "AccessDenied " + SIGNED + " " + SCOPE,
    "auth:signature": SIGNED + " " + SCOPE,
    "name:authorization": "AccessDenied",
    "lines:authorization": "AccessDenied",
    "value:authorization": "",
    "name:x-amz-date": "AccessDenied",
    "lines:x-amz-date": "AccessDenied",
    "value:x-amz-date": DATE,
    "name:x-amz-content-sha256": SIGNED + " AccessDenied InvalidArgument",
    "value:x-amz-content-sha256": SIGNED + " InvalidArgument XAmzContentSHA256Mismatch",
    "name:content-length": SIGNED + " XAmzContentSHA256Mismatch",
    "lines:content-length": SIGNED + " XAmzContentSHA256Mismatch",
    "value:content-length": SIGNED + " IncompleteBody",
    "name:transfer-encoding": "NotImplemented",
    "value:transfer-encoding": "NotImplemented",
    # any other header
    "name": SIGNED + " AccessDenied",
    "lines": SIGNED,
    "value": SIGNED,
}
PRESIGNED = DATE + " InvalidArgument InvalidAccessKeyId AuthorizationQueryParametersError"
# The same in the words of the JSON services.
JSON = {
    "AccessDenied": "MissingAuthenticationTokenException InvalidSignatureException "
    "IncompleteSignatureException",
    "AuthorizationHeaderMalformed": "IncompleteSignatureException InvalidSignatureException",
    "IncompleteBody": "ValidationException",
    "InvalidAccessKeyId": "UnrecognizedClientException",
    "InvalidArgument": "IncompleteSignatureException",
    "InvalidRequest": "ValidationException IncompleteSignatureException",
    "InvalidURI": "ValidationException",
    "RequestTimeTooSkewed": "InvalidSignatureException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "XAmzContentSHA256Mismatch": "InvalidSignatureException",
}


def amz_date(head):
    return re.search(r"(?i)x-amz-date[:=] ?(\w+)", head.decode("latin-1")).group(1)


def line(recording, head, body, date, **policy):
    """Return what on_target/gateway_verify.py is asked."""
    settings = dict(POLICY, region=REGION, service=recording.service, tell_unknown=True)
    return {
        "policy": dict(settings, **policy),
        "access_key_id": ACCESS_KEY_ID,
        "secret_access_key": SECRET,
        "session_token": recording.token,
        "head": head.hex(),
        "body": body.hex(),
        "amz_date": date,
    }


@functools.lru_cache(None)
def everything():
    return [one for client in CLIENTS for one in verify_recordings.of(client)]


def test_each_client_is_accepted(target):
    recordings = everything()
    lines = [line(one, *one.parts, amz_date(one.parts[0])) for one in recordings]
    for one, said in zip(recordings, ask(target, "gateway_verify", lines)):
        assert said["code"] == "", (str(one), said)
        assert bytes.fromhex(said["content"]) == one.body
        assert said["who"] == ACCESS_KEY_ID
        assert_rest_is_told(one.parts[0], said["signed"], said["unsigned"])


def assert_rest_is_told(head, signed, unsigned):
    """What is in the head and was not signed stands in the answer."""
    names = {name.lower() for name, _ in take_apart(head)[2]} - {"authorization"}
    assert set(unsigned) - {"body"} == names - set(signed.split(";"))


def test_what_was_recorded():
    """The list of recordings is as wide as it is meant to be."""
    recordings = {str(one): one for one in everything()}
    for client in CLIENTS:
        for name in CAMPAIGN[client]:
            assert client + "-" + name in recordings
    assert len(recordings) > 50
    for key in ODD_KEYS:
        assert b" /b/" in recordings["boto3-key " + key].data
    assert b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" in recordings["boto3-trailer tls"].data
    assert b"UNSIGNED-PAYLOAD" in recordings["rclone-put"].data
    assert all(BODY in one.data for one in recordings.values() if one.body == BODY)


def test_a_body_that_tls_was_to_protect_is_refused(target):
    """… unless the policy says otherwise; the answer then says that the body is not signed."""
    recordings = [one for one in everything() if b"UNSIGNED-PAYLOAD" in one.data and one.body]
    assert {one.client for one in recordings} == {"boto3", "minio", "rclone"}
    parts = [(one, *one.parts, amz_date(one.parts[0])) for one in recordings]
    lines = [line(*all_of, unsigned_payload=False) for all_of in parts]
    for said in ask(target, "gateway_verify", lines):
        assert (said["code"], said["rule"]) == ("AccessDenied", "unsigned-payload")
    for said in ask(target, "gateway_verify", [line(*all_of) for all_of in parts]):
        assert said["code"] == "" and "body" in said["unsigned"]


class Judge:
    """Verifies on this interpreter. judge(head, body): (code, Verified, content)."""

    def __init__(self, recording):
        head, _ = recording.parts
        keys = Credentials(ACCESS_KEY_ID, SECRET, recording.token)
        self.date = amz_date(head)
        self.verifier = Verifier(
            lambda name: keys if name == keys.access_key_id else None,
            REGION,
            recording.service,
            tell_unknown=True,
            **POLICY,
        )

    def __call__(self, head, body):
        content = []
        try:
            claim = self.verifier.read(head, self.date)
            hashed = hashlib.sha256(body).hexdigest() if claim.needs_body else None
            request = claim.prove(hashed)
            reader = request.body(lambda view: content.append(bytes(view)))
            reader.feed(body)
            reader.finish()
        except VerifyError as error:
            return error.code, None, b""
        return "", request, b"".join(content)


def expected(mutation, recording, signed):
    """Return the codes, a set, that AWS documents for a mutation."""
    kind, _, name = mutation.field.partition(":")
    codes = CODES.get(mutation.field, CODES.get(kind))
    by_query = b"\r\nauthorization:" not in recording.parts[0].lower()
    if by_query and kind in ("query", "date", "scope", "path", "added"):
        codes = PRESIGNED + " " + codes
    if name and name not in signed and mutation.field not in CODES:
        codes = ""  # what nobody signed has no signature to break
    codes = set((codes + " " + FORM).split())
    if recording.service != "s3":
        codes = {word for code in codes for word in JSON.get(code, "").split()}
    return codes


@pytest.mark.parametrize("client", CLIENTS)
def test_no_other_meaning_is_accepted(client, record_property):
    counts = collections.Counter()
    for recording in verify_recordings.of(client):
        if recording.name in CAMPAIGN[client]:
            counts += campaign(recording)
    print(
        "%s: %d mutations, %d accepted, of the same meaning" % (client, counts.total(), counts[""])
    )
    record_property("mutations", counts.total())
    assert counts.total() > 5000 and 0 < counts[""] < counts.total() // 2


def campaign(recording):
    """Try every mutation of one recording. Return {code: how often}."""
    judge = Judge(recording)
    head, body = recording.parts
    code, request, content = judge(head, body)
    assert code == "" and content == recording.body
    signed = request.signed_headers.split(";")
    covered = request.body_signed
    wanted = meaning(head, content if covered else None, signed)
    counts = collections.Counter()
    for one in mutations(head, body):
        code, request, content = judge(one.head, one.body)
        counts[code] += 1
        told = (str(recording), one.field, one.what, code)
        if code:
            assert code in expected(one, recording, signed), told
            continue
        assert meaning(one.head, content if covered else None, signed) == wanted, told
        assert_rest_is_told(one.head, request.signed_headers, request.unsigned)
        if one.field == "body":
            assert not covered or content == recording.body
    return counts


def test_interpreters_agree(target):
    """A sample of the mutations: each interpreter says of each what CPython says."""
    lines, wanted = [], []
    for recording in everything():
        if recording.name in CAMPAIGN[recording.client]:
            judge = Judge(recording)
            for number, one in enumerate(mutations(*recording.parts)):
                if (
                    number % 97 == 5
                    or number % 41 == 7
                    and not one.what.startswith(("flip", "NUL"))
                ):
                    lines.append(line(recording, one.head, one.body, judge.date))
                    wanted.append(judge(one.head, one.body)[0])
    said = [answer["code"] for answer in ask(target, "gateway_verify", lines)]
    assert said == wanted
    print("%d changes, the same said by all" % len(wanted))
    assert len(wanted) > 1000 and wanted.count("") > 50 and len(set(wanted)) > 10


def test_non_s3_paths_are_normalised_as_aws_does():
    """Without exact_path all but S3 take //, /./ and /x/../; the answer has the one path."""
    (recording,) = [one for one in verify_recordings.of("curl") if one.name == "api"]
    judge = Judge(recording)
    head, body = recording.parts
    for path in (b"//prod/x", b"/prod//x", b"/./prod/x", b"/y/../prod/x"):
        changed = head.replace(b"/prod/x", path, 1)
        judge.verifier.exact_path = False
        code, request, _ = judge(changed, body)
        assert code == "" and request.path == "/prod/x"
        judge.verifier.exact_path = True
        assert judge(changed, body)[0] == "ValidationException"
