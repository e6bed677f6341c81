"""Other people's signers, asked about the same request: awscrt and botocore.

A case is the input of `tools/sign.py`. Each oracle answers with a signature, which is equal only if
every byte of the canonical request is. Where an oracle is known to be wrong, or can't be asked,
`oracle_faults` says so.

    python -m host_tests.oracles --explain < line.json    what each of them canonicalises
    python -m host_tests.oracles --faults                 the table of faults
"""

import datetime
import sys
from typing import NamedTuple, Optional

from awscrt import auth, http
from awscrt import io as crt_io
from awscrt.exceptions import AwsCrtError
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from host_tests import oracle_faults, textbook

_HEADERS = auth.AwsSignatureType.HTTP_REQUEST_HEADERS
_QUERY = auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS


class Answer(NamedTuple):
    """What an oracle said: a signature, or the reason for which it refused. Never both."""

    signature: Optional[str]
    refused: Optional[str]
    canonical_request: Optional[str] = None


def independent_sign(case):
    """Return the Answer of our textbook signer; it does not judge whether a case is fit."""
    signed = textbook.sign(case)
    return Answer(signed.signature, None, signed.canonical_request)


def awscrt_sign(case):
    """Return the Answer of AWS's C runtime; its canonical request goes to its log only."""
    pairs = [(name, value) for name, value in case["headers"]]
    try:
        request = http.HttpRequest(
            case["method"], oracle_faults.crt_target(case), http.HttpHeaders(pairs)
        )
        signed = auth.aws_sign_request(request, _crt_config(case)).result(30)
    except (AwsCrtError, RuntimeError, AssertionError) as error:
        return Answer(None, repr(error))
    if case.get("auth") == "query":
        return Answer(signed.path.rpartition("&X-Amz-Signature=")[2], None)
    return Answer(signed.headers.get("Authorization").rpartition("Signature=")[2], None)


def _crt_config(case):
    query = case.get("auth") == "query"
    normalize, double = textbook.policy_of(case)
    body_header = auth.AwsSignedBodyHeaderType.NONE
    if textbook.adds_body_header(case):
        body_header = auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256
    provider = auth.AwsCredentialsProvider.new_static(
        case["access_key_id"], case["secret_access_key"], case.get("session_token")
    )
    return auth.AwsSigningConfig(
        signature_type=_QUERY if query else _HEADERS,
        credentials_provider=provider,
        region=case["region"],
        service=case["service"],
        date=_date(case).replace(tzinfo=datetime.timezone.utc),
        should_sign_header=textbook.is_signed,
        use_double_uri_encode=double,
        should_normalize_uri_path=normalize,
        signed_body_value=textbook.payload_hash(case),
        signed_body_header_type=body_header,
        expiration_in_seconds=case["expires"] if query else None,
        omit_session_token=case.get("token_after_signing", False),
    )


def botocore_sign(case):
    """Return the Answer of botocore's SigV4Auth or SigV4QueryAuth."""
    token = None if case.get("token_after_signing") else case.get("session_token")
    credentials = Credentials(case["access_key_id"], case["secret_access_key"], token)
    kind = _BotocoreQuery if case.get("auth") == "query" else _BotocoreHeaders
    signer = kind(credentials, case["service"], case["region"])
    signer.case = case
    try:
        request = _botocore_request(case)
        signer._expires = case.get("expires")
        signer._modify_request_before_signing(request)
        canonical = signer.canonical_request(request)
        text = signer.string_to_sign(request, canonical)
        return Answer(signer.signature(text, request), None, canonical)
    except ValueError as error:
        return Answer(None, repr(error))


def _botocore_request(case):
    # Fault bc-raw-query: a query in the URL is copied, so it goes in as decoded pairs.
    pairs = textbook.query_pairs(case["target"].partition("?")[2].encode())
    pairs = [(name.decode(), value.decode()) for name, value in pairs]
    path = case["target"].partition("?")[0]
    request = AWSRequest(case["method"], "https://endpoint" + path, params=pairs)
    request.context["timestamp"] = case["amz_date"]
    for name, value in case["headers"]:
        request.headers[name] = value
    if textbook.adds_body_header(case):
        request.headers["X-Amz-Content-SHA256"] = textbook.payload_hash(case)
    return request


class _BotocorePolicy:
    """botocore has two path policies, S3's and the others'; the mixed ones are given to it."""

    def payload(self, request):
        return textbook.payload_hash(self.case)

    def _normalize_url_path(self, path):
        if textbook.policy_of(self.case) == (True, True):
            return super()._normalize_url_path(path)
        return textbook.canonical_path(self.case)


class _BotocoreHeaders(_BotocorePolicy, SigV4Auth):
    pass


class _BotocoreQuery(_BotocorePolicy, SigV4QueryAuth):
    pass


def _date(case):
    return datetime.datetime.strptime(case["amz_date"], "%Y%m%dT%H%M%SZ")


def _explain(line):
    """Print what each signer makes of one JSON line; awscrt's part comes from its log, at exit."""
    import json

    case = json.loads(line)
    crt_io.init_logging(crt_io.LogLevel.Info, "stdout")
    for ask in (independent_sign, botocore_sign, awscrt_sign):
        answer = ask(case)
        print("== %s: %s" % (ask.__name__, answer.signature or answer.refused))
        print(answer.canonical_request or "(in the log above)", flush=True)


if __name__ == "__main__":
    if "--faults" in sys.argv:
        print(oracle_faults.table())
    elif "--explain" in sys.argv:
        _explain(sys.stdin.readline())
    else:
        sys.exit(__doc__)
