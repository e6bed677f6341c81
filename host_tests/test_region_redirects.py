"""Redirects to another region, over TLS and real sockets: followed once, signed anew; else refused.

The server stands for both regions of a made-up host family, aws.test; it keeps every byte, and what
came second is compared with a request that is signed here for the second region. Swift shows the
other half: a server that names the region that it wanted.
"""

import pytest

from e2e_tools import amz_date, ask, boto_client
from recorder import Recorder, answer, redirect
from sigv4_mp import Credentials, Signer
from sigv4_mp.own_client import check_sent
from tools.servers import ca

pytestmark = pytest.mark.targets("cpython", "unix", "unix32")
FAMILY = {"suffixes": "aws.test", "region": "host us-east-1", "modes": "hash unsigned"}
WEST, NORTH = "s3.eu-west-1.aws.test", "s3.eu-north-1.aws.test"
KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret"}
BODY = b"0123456789" * 60
SENT_NORTH = b"x-amz-bucket-region: eu-north-1\r\n"
MALFORMED = (
    b"<?xml version='1.0'?><Error><Code>AuthorizationHeaderMalformed</Code><Message>The "
    b"region is wrong</Message><Region>eu-north-1</Region></Error>"
)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    ca.write(folder, names=("*.aws.test", WEST, NORTH, "s3.aws.test", "evil.test"))
    return folder


def pair(folder):
    return folder / "server.pem", folder / "server-key.pem"


class Talk:
    """One client on a target, and the server it talks to."""

    def __init__(self, target, folder, answers, host=WEST, region="eu-west-1", secure=True):
        self.target = target
        self.server = Recorder(answers, pair(folder) if secure else None)
        self.facts = dict(KEYS, region=region, bucket="bucket", amz_date=amz_date(), profile=FAMILY)
        self.facts["endpoint"] = self.server.url(host)
        self.facts["ca_file"] = str(folder / "ca.pem")

    def run(self, *commands):
        """Return the answers (list of dict), a fresh program."""
        with self.server:
            return ask(self.target, "edge_redirect", [self.facts, *commands])

    def check(self, index, host, region, method="PUT", body=BODY, key="key"):
        """The request of that index is signed for this region, sent to this host, and whole."""
        keys = Credentials(KEYS["access_key_id"], KEYS["secret_access_key"])
        url = "%s/bucket/%s" % (self.server.url(host), key)
        signer = Signer(keys, region, "s3")
        data = self.server.requests[index]
        check_sent(signer.sign(method, url, (), body, amz_date=self.facts["amz_date"]), data)
        assert data.partition(b"\r\n\r\n")[2] == (body or b"")


def put(key="key", **more):
    return dict({"do": "put", "key": key, "body": BODY.hex()}, **more)


ASKING = {
    "301": answer(b"HTTP/1.1 301 Moved Permanently\r\n" + SENT_NORTH),
    "307": redirect("https://bucket.%s/key" % NORTH, 307, SENT_NORTH),
    "400": answer(b"HTTP/1.1 400 Bad Request\r\n", MALFORMED),
}


@pytest.mark.parametrize("kind", ASKING)
def test_it_is_followed_once_and_signed_anew(target, tls, kind):
    told = ASKING[kind]
    if kind == "307":  # the port of a server of AWS is the default one; ours is not
        told = answer(b"HTTP/1.1 307 Moved\r\n" + SENT_NORTH)
    talk = Talk(target, tls, [told])
    first, second, third = talk.run(put(), put("again"), {"do": "get", "key": "key"})
    assert (first["status"], second["status"], third["status"]) == (200, 200, 200)
    assert len(talk.server.requests) == 4
    talk.check(0, WEST, "eu-west-1")
    talk.check(1, NORTH, "eu-north-1")
    talk.check(2, NORTH, "eu-north-1", key="again")  # it stays there
    talk.check(3, NORTH, "eu-north-1", "GET", None)
    assert first["endpoint"] == talk.server.url(NORTH)
    assert (first["region"], first["given"]) == (
        "eu-north-1",
        "eu-west-1",
    )


def test_by_location_of_the_same_family(target, tls):
    talk = Talk(target, tls, ())
    talk.server.answers = [redirect("%s/bucket/key" % talk.server.url("bucket." + NORTH))]
    (told,) = talk.run(put())
    assert told["status"] == 200
    talk.check(1, NORTH, "eu-north-1")


def test_head_has_no_body_to_say_it_in(target, tls):
    talk = Talk(target, tls, [answer(b"HTTP/1.1 400 Bad Request\r\n" + SENT_NORTH)])
    (told,) = talk.run({"do": "head", "key": "key"})
    assert told["status"] == 200
    talk.check(1, NORTH, "eu-north-1", "HEAD", None)


def test_from_the_global_endpoint(target, tls):
    talk = Talk(target, tls, [ASKING["301"]], "s3.aws.test", "us-east-1")
    (told,) = talk.run(put())
    assert told["status"] == 200
    talk.check(0, "s3.aws.test", "us-east-1")
    talk.check(1, NORTH, "eu-north-1")


def test_right_host_wrong_scope(target, tls):
    talk = Talk(target, tls, [ASKING["400"]], NORTH, "us-east-1")
    (told,) = talk.run(put())
    assert told["status"] == 200
    talk.check(0, NORTH, "us-east-1")
    talk.check(1, NORTH, "eu-north-1")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("%(evil)s/bucket/key", "another family"),
        ("%(plain)s/bucket/key", "plain HTTP"),
        ("https://s3.eu-north-1.aws.test.evil.test/key", "a name that only begins like it"),
        ("https://s3.eu-north-1.aws.test@evil.test/key", "a user name that looks like a host"),
        ("https://s3.eu-north-1.aws.test:1/key", "another port"),
    ],
)
def test_it_leads_nowhere_else(target, tls, location, why):
    """Not even with a good x-amz-bucket-region beside it; and nobody else hears of the request."""
    talk = Talk(target, tls, ())
    with Recorder(tls=pair(tls)) as evil, Recorder() as plain:
        places = {"evil": evil.url("evil.test"), "plain": plain.url(NORTH)}
        talk.server.answers = [redirect(location % places, 307, SENT_NORTH)]
        (told,) = talk.run(put())
    assert (told["error"], told["status"]) == ("ServiceError", 307), why
    assert (len(talk.server.requests), len(evil.requests), len(plain.requests)) == (1, 0, 0)
    assert told["endpoint"] == talk.facts["endpoint"]


@pytest.mark.parametrize("region", [b"us-gov-west-1", b"cn-north-1", b"evil.test/", b"a@evil.test"])
def test_no_such_region(target, tls, region):
    told = answer(b"HTTP/1.1 301 Moved\r\nx-amz-bucket-region: " + region + b"\r\n")
    talk = Talk(target, tls, [told] * 3)
    (told,) = talk.run(put())
    assert (told["error"], told["status"]) == ("ServiceError", 301)
    assert len(talk.server.requests) == 1


def test_a_loop_ends_after_one_hop(target, tls):
    """West says north, north says west, for ever."""

    def both(data):
        region = b"eu-west-1" if NORTH.encode() in data else b"eu-north-1"
        return answer(b"HTTP/1.1 301 Moved\r\nx-amz-bucket-region: " + region + b"\r\n")

    talk = Talk(target, tls, both)
    first, second = talk.run(put(), put())
    assert (first["error"], first["status"]) == ("ServiceError", 301)
    assert (second["error"], second["status"]) == ("ServiceError", 301)
    assert len(talk.server.requests) == 4  # two for each operation, not more


def test_the_same_place_again_is_no_redirect(target, tls):
    told = answer(b"HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-1\r\n")
    talk = Talk(target, tls, [told] * 3)
    (told,) = talk.run(put())
    assert (told["error"], told["status"]) == ("ServiceError", 301)
    assert len(talk.server.requests) == 1


def test_never_over_plain_http(target, tls):
    talk = Talk(target, tls, [ASKING["301"]] * 3, secure=False)
    (told,) = talk.run(put())
    assert (told["error"], told["status"]) == ("ServiceError", 301)
    assert len(talk.server.requests) == 1


def test_a_body_that_is_gone_is_not_sent_again(target, tls):
    talk = Talk(target, tls, [ASKING["301"]])
    (told,) = talk.run(put(do="put_once"))
    assert (told["error"], told["status"]) == ("ServiceError", 301)
    assert len(talk.server.requests) == 1
    assert "second time" in told["text"]


def test_swift_names_its_region(target, swift):
    boto_client(swift, "s3").create_bucket(Bucket="regions-" + target.name)
    facts = {
        "access_key_id": swift.access_key_id,
        "secret_access_key": swift.secret_access_key,
        "region": "mars-north-1",
        "bucket": "regions-" + target.name,
        "amz_date": amz_date(),
        "profile": "swift",
        "endpoint": swift.https_url,
        "ca_file": swift.ca_file,
    }
    first, second = ask(target, "edge_redirect", [facts, put(), {"do": "get", "key": "key"}])
    assert (first["status"], second["status"]) == (200, 200), first
    assert (first["region"], first["endpoint"]) == (swift.region, swift.https_url)


@pytest.mark.parametrize("given", ["region", "other_region"])
def test_ministack_sends_us_to_the_buckets_region(target, ministack, given):
    """A session token goes along. MiniStack takes what is then signed, so it was signed anew."""
    name = "home-%s-%s" % (target.name, given.partition("_")[0])
    where = {"LocationConstraint": ministack.other_region}
    boto_client(ministack, "s3").create_bucket(Bucket=name, CreateBucketConfiguration=where)
    facts = dict(ministack.session, bucket=name, amz_date=amz_date(), ca_file=ministack.ca_file)
    facts["profile"] = {"suffixes": "localhost", "region": "host us-east-1"}
    region = getattr(ministack, given)
    host = "https://s3.%s.localhost:" + ministack.https_url.rpartition(":")[2]
    facts.update(region=region, endpoint=host % region)
    put_told, get_told = ask(target, "edge_redirect", [facts, put(), {"do": "get", "key": "key"}])
    assert (put_told.get("status"), get_told.get("status")) == (200, 200), put_told
    assert put_told["region"] == ministack.other_region
    assert put_told["endpoint"] == host % ministack.other_region
