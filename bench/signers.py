"""Signers of CPython side by side, in one run: a JSON object a line, {"case", "us": [...]}.

Run in the environment of requirements/bench.txt, by run.py. Each signs the same PUT to S3 with its
header, its key derived before where it can keep one; requests are built outside where it can be.
"""

import datetime
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "lib"), str(ROOT / "bench" / "on_target")]

import awscrt.auth
import awscrt.http
import minio.signer
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from minio.credentials import Credentials as MinioCredentials
from requests_aws4auth import AWS4Auth

import textbook
from sigv4_mp import Credentials, Signer

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
HOST, PATH = "bucket.s3.us-east-1.amazonaws.com", "/folder/file.bin"
URL = "https://" + HOST + PATH
ZEROS = "0" * 64
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
STAMP = "20260101T000000Z"


def ours():
    signer = Signer(Credentials(*KEYS), "us-east-1", "s3")
    headers = [("Content-Type", "text/plain")]

    def sign():
        signer.sign("PUT", URL, headers, payload_hash=ZEROS, content_length=5, amz_date=STAMP)

    return sign


def ours_prepared():
    prepared = Signer(Credentials(*KEYS), "us-east-1", "s3").prepare(
        "PUT", URL, [("Content-Type", "text/plain")]
    )
    return lambda: prepared.seal(payload_hash=ZEROS, content_length=5, amz_date=STAMP)


def botocore():
    auth = S3SigV4Auth(BotoCredentials(*KEYS), "s3", "us-east-1")

    def sign():
        request = AWSRequest("PUT", URL, {"Content-Type": "text/plain"}, b"12345")
        request.headers["X-Amz-Content-SHA256"] = ZEROS
        request.context["timestamp"] = STAMP
        auth.add_auth(request)

    return sign


def crt():
    provider = awscrt.auth.AwsCredentialsProvider.new_static(*KEYS)
    kind = awscrt.auth

    def sign():
        config = kind.AwsSigningConfig(
            algorithm=kind.AwsSigningAlgorithm.V4,
            signature_type=kind.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=provider,
            region="us-east-1",
            service="s3",
            date=NOW,
            use_double_uri_encode=False,
            should_normalize_uri_path=False,
            signed_body_value=ZEROS,
            signed_body_header_type=kind.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        )
        headers = awscrt.http.HttpHeaders([("Host", HOST), ("Content-Type", "text/plain")])
        request = awscrt.http.HttpRequest("PUT", PATH, headers)
        kind.aws_sign_request(request, config).result()

    return sign


def minio_signer():
    keys = MinioCredentials(*KEYS)
    url = urlsplit(URL)

    def sign():
        headers = {
            "Host": HOST,
            "Content-Type": "text/plain",
            "x-amz-content-sha256": ZEROS,
            "x-amz-date": STAMP,
        }
        minio.signer.sign_v4_s3(
            method="PUT",
            url=url,
            region="us-east-1",
            headers=headers,
            credentials=keys,
            content_sha256=ZEROS,
            date=NOW,
        )

    return sign


def requests_signer():
    auth = AWS4Auth(*KEYS, "us-east-1", "s3")

    def sign():
        request = requests.Request("PUT", URL, {"Content-Type": "text/plain"}, data=b"12345")
        auth(request.prepare())

    return sign


def textbook_signer():
    headers = [("Content-Type", "text/plain")]
    scope = ("us-east-1", "s3")
    return lambda: textbook.sign("PUT", HOST, PATH, [], headers, ZEROS, KEYS, scope, STAMP)


CASES = {
    "sigv4_mp, prepared": ours_prepared,
    "sigv4_mp": ours,
    "awscrt": crt,
    "minio": minio_signer,
    "textbook": textbook_signer,
    "botocore": botocore,
    "requests-aws4auth": requests_signer,
}


def main(rounds=7, calls=500):
    works = {name: make() for name, make in CASES.items()}
    spent = {name: [] for name in works}
    for _ in range(rounds):  # interleaved: what disturbs one disturbs all
        for name, work in works.items():
            work()
            start = time.perf_counter_ns()
            for _ in range(calls):
                work()
            spent[name].append((time.perf_counter_ns() - start) / 1000 / calls)
    for name, times in spent.items():
        print(json.dumps({"case": name, "us": times}))


main()
