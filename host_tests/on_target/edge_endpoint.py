"""Endpoint profiles and the redirect policy: no socket, no time, on every interpreter."""

import _section
from _check import equal, raises, true
from _section import refuses

from sigv4_mp.device.credentials import Credentials
from sigv4_mp.errors import RequestError
from sigv4_mp.net import endpoint
from sigv4_mp.net.endpoint import Profile, profile_of
from sigv4_mp.net.region import redirect
from sigv4_mp.signer import Signer

HOSTS = (
    # host, profile, region
    ("s3.amazonaws.com", "aws", "us-east-1"),
    ("S3.eu-west-1.AMAZONAWS.com", "aws", "eu-west-1"),
    ("s3.dualstack.ap-southeast-2.amazonaws.com", "aws", "ap-southeast-2"),
    ("s3-fips.us-gov-west-1.amazonaws.com", "aws", "us-gov-west-1"),
    ("s3-eu-central-1.amazonaws.com", "aws", "eu-central-1"),
    ("s3-us-gov-west-1.amazonaws.com", "aws", "us-gov-west-1"),
    ("s3-external-1.amazonaws.com", "aws", None),
    ("s3-accelerate.amazonaws.com", "aws", None),
    ("s3.cn-north-1.amazonaws.com.cn", "aws", "cn-north-1"),
    ("s3.eusc-de-east-1.amazonaws.eu", "aws", "eusc-de-east-1"),
    ("s3.us-iso-east-1.c2s.ic.gov", "aws", "us-iso-east-1"),
    ("ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com", "aws", "us-west-2"),
    ("bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com", "aws", "us-east-1"),
    ("0123456789abcdef.r2.cloudflarestorage.com", "r2", "auto"),
    ("0123456789abcdef.eu.r2.cloudflarestorage.com", "r2", "auto"),
    ("s3.us-west-004.backblazeb2.com", "backblaze", "us-west-004"),
    ("s3.wasabisys.com", "wasabi", "us-east-1"),
    ("s3.eu-central-2.wasabisys.com", "wasabi", "eu-central-2"),
    ("s3.nl-1.wasabisys.com", "wasabi", "us-east-1"),
    ("localhost:9000", "generic", "us-east-1"),
    ("[::1]:9000", "generic", "us-east-1"),
    # a domain that only looks like one of theirs
    ("s3.eu-west-1.amazonaws.com.evil.example", "generic", "us-east-1"),
    ("notamazonaws.com", "generic", "us-east-1"),
    ("s3.amazonaws.com.", "generic", "us-east-1"),
)
WEST, NORTH = "https://s3.eu-west-1.amazonaws.com", "https://s3.eu-north-1.amazonaws.com"
GLOBAL = "https://s3.amazonaws.com"
MALFORMED = "AuthorizationHeaderMalformed"


def profiles():
    for host, name, region in HOSTS:
        found = profile_of("https://" + host)
        equal("profile of " + host, found.name, name)
        if region != "us-east-1" or name != "wasabi" or "nl-1" not in host:
            equal("region of " + host, found.region_of("https://" + host), region)
    equal("all names", len(set(endpoint.names())), 9)
    for name in endpoint.names():
        equal("by name: " + name, profile_of("https://x.example", name).name, name)
        profile_of("https://x.example", name).check_mode()
    equal("garage's region", profile_of("https://x", "garage").region_of("https://x"), "garage")
    mine = Profile("mine", "my.example", modes="hash chunked")
    true("a profile of one's own", profile_of("https://x", mine) is mine)
    refuses(RequestError, "profile", profile_of, "https://x", "s3rver")


def what_servers_take():
    aws = profile_of(WEST)
    for mode in (None, "unsigned", "chunked", "chunked-trailer", "unsigned-trailer"):
        aws.check_mode(mode, "crc64nvme")
    refuses(RequestError, "mode", aws.check_mode, "squashed")
    refuses(RequestError, "checksum", aws.check_mode, None, "md5")
    unknown = profile_of("https://s3.example.org")
    unknown.check_mode()
    unknown.check_mode("unsigned")
    for mode in ("chunked", "chunked-trailer", "unsigned-trailer"):
        refuses(RequestError, "mode", unknown.check_mode, mode)
        for name in ("r2", "backblaze", "wasabi"):
            refuses(RequestError, "mode", profile_of("https://x", name).check_mode, mode)
    error = raises("says what it takes", RequestError, unknown.check_mode, "chunked")
    true("names them", error and "generic servers take: hash, unsigned" in str(error), str(error))
    error = raises("none", RequestError, unknown.check_mode, None, "crc32")
    true("says none", error and str(error).endswith("take: none"), str(error))
    refuses(
        RequestError, "checksum", profile_of("https://x", "backblaze").check_mode, None, "sha256"
    )
    opened = unknown.but(modes="hash chunked", checksums="crc32c")
    opened.check_mode("chunked", "crc32c")
    refuses(RequestError, "mode", opened.check_mode, "unsigned")
    refuses(RequestError, "mode", unknown.check_mode, "chunked")  # the first one is as it was
    refuses(RequestError, "mode", unknown.but, modes="hash zipped")
    refuses(RequestError, "checksum", Profile, "x", checksums="crc16")
    refuses(RequestError, "addressing", Profile, "x", addressing="auto")
    refuses(RequestError, "port", Profile, "x", port="odd")
    equal("safe to sign", unknown.sign_only, ["content-type"])
    equal("aws: all but hop headers", aws.sign_only, None)
    keys = Credentials("AKID", "secret")
    signer = Signer(keys, "us-east-1", "s3", sign_only=unknown.sign_only)
    pairs = [("Content-Type", "text/plain"), ("Range", "bytes=0-1"), ("x-amz-meta-a", "b")]
    sealed = signer.sign("GET", "https://h/k", pairs, amz_date="20150830T123600Z")
    names = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a"
    equal("a signer that keeps to it", sealed.signed_headers, names)
    true("sends the rest all the same", ("Range", "bytes=0-1") in sealed.headers)


def endpoints():
    for good in (WEST, WEST + ":443", "http://s3.amazonaws.com:80", "http://s3.amazonaws.com"):
        profile_of(good).check_endpoint(good)
    for bad in (WEST + ":8443", "http://s3.amazonaws.com:443", "https://s3.wasabisys.com:80"):
        refuses(RequestError, "endpoint", profile_of(bad).check_endpoint, bad)
    b2 = "http://s3.us-west-004.backblazeb2.com"
    refuses(RequestError, "endpoint", profile_of(b2).check_endpoint, b2)
    refuses(RequestError, "region", profile_of(WEST).check_endpoint, WEST, "us-east-1")
    profile_of(WEST).check_endpoint(WEST, "eu-west-1")
    profile_of(GLOBAL).check_endpoint(GLOBAL, "eu-west-1")  # DNS leads there
    r2 = "https://0123.r2.cloudflarestorage.com"
    refuses(RequestError, "region", profile_of(r2).check_endpoint, r2, "eu-west-1")
    profile_of(r2).check_endpoint(r2, "auto")
    profile_of("http://nas:9000").check_endpoint("http://nas:9000", "home")
    equal("split", endpoint.split("HTTPS://[::1]:9000/x"), ("https", "[::1]", "9000"))
    equal("split, no port", endpoint.split("https://h?x"), ("https", "h", ""))


def go(start, region, status, headers=None, code=None, named=None, profile=None):
    return redirect(profile_of(start, profile), start, region, status, headers or {}, code, named)


def redirects_followed():
    north = {"x-amz-bucket-region": "eu-north-1"}
    wanted = (NORTH, "eu-north-1")
    equal("301", go(WEST, "eu-west-1", 301, north, "PermanentRedirect"), wanted)
    equal("301 to HEAD", go(WEST, "eu-west-1", 301, north), wanted)
    equal("307", go(WEST, "eu-west-1", 307, north, "TemporaryRedirect"), wanted)
    equal("400", go(WEST, "eu-west-1", 400, {}, MALFORMED, "eu-north-1"), wanted)
    equal("400 to HEAD", go(WEST, "eu-west-1", 400, north), wanted)
    equal("400 to HEAD, the status as code", go(WEST, "eu-west-1", 400, north, "400"), wanted)
    equal(
        "right host, wrong scope", go(NORTH, "us-east-1", 400, {}, MALFORMED, "eu-north-1"), wanted
    )
    equal("from the global endpoint", go(GLOBAL, "us-east-1", 301, north), wanted)
    equal("the old dash", go("https://s3-eu-west-1.amazonaws.com", "eu-west-1", 301, north), wanted)
    to = {"location": "https://bucket.s3.eu-north-1.amazonaws.com/key"}
    equal("by Location alone", go(GLOBAL, "us-east-1", 307, to), wanted)
    to = {"location": "https://bucket.s3-us-west-2.amazonaws.com/key"}
    equal("Location with the old dash", go(GLOBAL, "us-east-1", 307, to)[1], "us-west-2")
    for start, region, server, end in (
        (
            "s3.dualstack.eu-west-1.amazonaws.com",
            "eu-west-1",
            "eu-north-1",
            "s3.dualstack.%s.amazonaws.com",
        ),
        (
            "s3.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
            "cn-northwest-1",
            "s3.%s.amazonaws.com.cn",
        ),
        ("s3.us-gov-west-1.amazonaws.com", "us-gov-west-1", "us-gov-east-1", "s3.%s.amazonaws.com"),
        ("s3.wasabisys.com", "us-east-1", "eu-central-2", "s3.%s.wasabisys.com"),
        ("s3.us-west-1.wasabisys.com", "us-west-1", "us-west-2", "s3.%s.wasabisys.com"),
    ):
        found = go("https://" + start, region, 301, {"x-amz-bucket-region": server})
        equal("from " + start, found, ("https://" + end % server, server))
    for name in ("swift", "minio", "ceph", "garage", None):
        found = go("https://nas.local:9000", "us-east-1", 400, {}, MALFORMED, "garage", name)
        equal("%s: same host, its region" % name, found, ("https://nas.local:9000", "garage"))


def redirects_refused():
    north = {"x-amz-bucket-region": "eu-north-1"}
    http = "http://s3.eu-west-1.amazonaws.com"
    equal("plain HTTP", go(http, "eu-west-1", 301, north), None)
    for location in (
        "http://bucket.s3.eu-north-1.amazonaws.com/key",
        "https://bucket.s3.eu-north-1.amazonaws.com.cn/key",
        "https://bucket.s3.eu-north-1.amazonaws.com.evil.example/key",
        "https://evil.example/s3.eu-north-1.amazonaws.com",
        "https://s3.eu-north-1.amazonaws.com@evil.example/",
        "https://s3.eu-north-1.amazonaws.com:8443/key",
        "//evil.example/key",
        "ftp://s3.eu-north-1.amazonaws.com/",
    ):
        headers = dict(north, location=location)
        equal("Location " + location, go(WEST, "eu-west-1", 307, headers), None)
    for region in (
        "us-gov-west-1",
        "cn-north-1",
        "eusc-de-east-1",
        "us-iso-east-1",
        "evil.example/",
        "evil.example#",
        "a@b",
        "",
        "-1",
        "x" * 33,
        "EU-NORTH-1",
        "eu-north-1\r\nx: y",
    ):
        equal(
            "region %r" % region, go(WEST, "eu-west-1", 301, {"x-amz-bucket-region": region}), None
        )
    gov = "https://s3.us-gov-west-1.amazonaws.com"
    equal("out of GovCloud", go(gov, "us-gov-west-1", 301, north), None)
    equal("where it is already: a loop", go(NORTH, "eu-north-1", 301, north), None)
    equal("no region named", go(WEST, "eu-west-1", 301), None)
    for status in (200, 303, 308, 403, 404, 500, 503):
        equal("status %d" % status, go(WEST, "eu-west-1", status, north, MALFORMED), None)
    equal("another 400", go(WEST, "eu-west-1", 400, north, "InvalidArgument"), None)
    equal(
        "a 400 with a region but no code", go(WEST, "eu-west-1", 400, {}, None, "eu-north-1"), None
    )
    for host in ("s3-accelerate", "s3-external-1", "bucket.vpce-1.s3.eu-west-1.vpce"):
        start = "https://%s.amazonaws.com" % host
        equal("from " + host, go(start, "eu-west-1", 301, north), None)
    other = {"x-amz-bucket-region": "home", "location": "https://other.local/bucket"}
    equal("generic, another host", go("https://nas.local", "us-east-1", 307, other), None)


_section.run(profiles, what_servers_take, endpoints, redirects_followed, redirects_refused)
