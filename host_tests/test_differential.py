"""Random requests: the library, awscrt, botocore and a textbook signer agree, or a fault is named.

20,000 requests through the library in this process, then a sample of lines through every target,
whose answers must be CPython's byte for byte. The seeds are fixed: what fails here fails again.
`python -m host_tests.fuzz` goes on from here for as long as you like.
"""

import collections
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from hypothesis import strategies as st

from host_tests import (
    bad_requests,
    differential,
    oracle_faults,
    oracles,
    server_view,
    sign_lines,
    strategies,
    textbook,
)
from sigv4_mp import Credentials, Signer
from tools import sign

PARTS = 8  # for pytest-xdist to spread
REQUESTS = 20000
SAMPLES = 3  # of 1,000 lines each
ASK = {"awscrt": oracles.awscrt_sign, "botocore": oracles.botocore_sign}


@pytest.mark.parametrize("part", range(PARTS))
def test_good_requests(part, record_property):
    counts = collections.Counter()

    def work(case):
        differential.check(case, counts)
        differential.check(differential.twin(case), counts)

    strategies.drawn(strategies.requests(), REQUESTS // PARTS // 2, part, work)
    record_property("counts", dict(counts))
    assert counts["requests"] >= REQUESTS // PARTS
    # A strategy that drifts into the named faults would leave nothing compared.
    assert counts["agreed with awscrt"] > 0.75 * counts["requests"]
    assert counts["agreed with botocore"] > 0.55 * counts["requests"]
    assert counts["awscrt worked out the path"] > 0.5 * counts["requests"]
    assert counts["botocore worked out the path"] > 0.05 * counts["requests"]
    assert counts["verified as a server does"] > 0.7 * counts["requests"]


@st.composite
def spoken_requests(draw):
    """Draw a sendable request and raw parameters to be added to it: text or bytes of any kind."""
    case = draw(strategies.requests())
    case["target"] = "".join(char for char in case["target"] if char.isascii() and char != "#")
    value = st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=4), st.binary(max_size=4)
    )
    return case, draw(st.lists(st.tuples(value, value), max_size=3))


def test_other_ways_to_say_the_same():
    """Bytes for text, raw parameters for encoded ones, one-shot for the filter: one signature."""
    counts = collections.Counter()

    def work(drawn):
        case, pairs = drawn
        more = ["%s=%s" % (quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs]
        mark = "&" if "?" in case["target"] else "?"
        said = dict(case, target=case["target"] + (mark + "&".join(more) if more else ""))
        assert _sign_in_bytes(case, pairs) == textbook.sign(said).signature, (case, pairs)
        counts["with parameters" if pairs else "without"] += 1

    strategies.drawn(spoken_requests(), 1000, 700, work)
    assert counts["with parameters"] > 400


def _sign_in_bytes(case, pairs):
    """Return the signature, by the library's own one-shot calls, everything said in bytes."""
    names = ("access_key_id", "secret_access_key", "session_token")
    parts = [case[name].encode() if name in case else None for name in names]
    switches = ("normalize_path", "double_encode", "sign_body", "token_after_signing")
    options = {name: case[name] for name in switches if name in case}
    scope = [case[name].encode() for name in ("region", "service")]
    signer = Signer(Credentials(*parts), *scope, **options)
    host = [value for name, value in case["headers"] if name == "Host"][0].strip()
    arguments = {
        "method": case["method"].encode(),
        "url": ("https://" + host + case["target"]).encode(),
        "headers": [(name.encode(), value.encode()) for name, value in case["headers"]],
        "query": pairs,
        "amz_date": case["amz_date"].encode(),
    }
    if case.get("auth") == "query":
        case = dict(case, payload_hash=textbook.payload_hash(case))
        url = signer.presign(
            payload_hash=case["payload_hash"], expires=case["expires"], **arguments
        )
        return url.partition("X-Amz-Signature=")[2][:64]
    if "payload_hash" in case:
        arguments["payload_hash"] = case["payload_hash"].encode()
    else:
        arguments["payload"] = textbook.body_of(case)
    return signer.sign(**arguments).signature


@pytest.mark.parametrize("name", sorted(textbook.NEVER_SIGNED) + ["X-Forwarded-For"])
@pytest.mark.parametrize("auth", ["header", "query"])
def test_headers_of_hops_are_signed_if_the_caller_insists(name, auth):
    """No oracle can be asked: their lists of such headers are fixed, and hold most of these."""
    headers = [["Host", "example.com"], [name.title(), "v"], [name, "w"]]
    if name == "transfer-encoding":  # given twice it would frame the body twice
        headers.pop()
    case = dict(oracle_faults.BASE, headers=headers, expires=60, auth=auth)
    for sign_headers in ((), [name.upper()]):
        case["sign_headers"] = sign_headers
        signer = Signer(
            Credentials(case["access_key_id"], case["secret_access_key"]), "us-east-1", "service"
        )
        arguments = {"method": "GET", "url": "https://example.com/", "headers": headers}
        arguments["sign_headers"] = sign_headers
        if auth == "query":
            prepared = signer.prepare_presigned(expires=60, **arguments)
        else:
            prepared = signer.prepare(**arguments)
        sealed = prepared.seal(amz_date=case["amz_date"])
        assert sealed.signature == textbook.sign(case).signature
        assert (name.lower() in sealed.signed_headers.split(";")) == bool(sign_headers)


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", ["example.com", "EXAMPLE.com", "127.0.0.1", "[::1]", "[FE80::1]"])
@pytest.mark.parametrize("port", ["", ":80", ":443", ":8443"])
def test_host_header_of_a_url(scheme, host, port):
    """Without a Host of the caller's it is the URL's, as botocore and curl make it."""
    url = scheme + "://" + host + port + "/"
    request = AWSRequest("GET", url)
    request.context["timestamp"] = oracle_faults.BASE["amz_date"]
    expected = SigV4Auth(None, "service", "us-east-1").headers_to_sign(request)["host"]
    keys = [oracle_faults.BASE[name] for name in ("access_key_id", "secret_access_key")]
    signer = Signer(Credentials(*keys), "us-east-1", "service")
    sealed = signer.sign("GET", url, amz_date=oracle_faults.BASE["amz_date"])
    case = dict(oracle_faults.BASE, headers=[["Host", expected]])
    assert sealed.signature == textbook.sign(case).signature
    server_view.verify(sealed.head.decode(), case)
    assert sealed.port == int(port[1:] or {"https": 443, "http": 80}[scheme])


def test_any_requests():
    counts = collections.Counter()
    work = lambda case: differential.check_wild(case, counts)  # noqa: E731
    strategies.drawn(strategies.wild_requests(), 3000, 100, work)
    assert counts["refused by awscrt too"] > 100 and counts["refused"] > 1000
    assert counts["agreed with awscrt"] > 500


def test_spoiled_requests():
    counts = collections.Counter()
    rows = st.sampled_from(bad_requests.ROWS)
    pairs = st.tuples(strategies.requests(), rows)
    strategies.drawn(pairs, 2000, 200, lambda pair: differential.check_spoiled(*pair, counts))
    assert counts["spoiled"] >= 2000


@pytest.mark.parametrize("part", range(SAMPLES))
def test_targets_answer_alike(target, part):
    """1,000 lines of all kinds a part; the answers must be CPython's, byte for byte."""
    cases = strategies.sample(strategies.requests(), 700, 300 + part)
    cases += strategies.sample(strategies.wild_requests(), 300, 400 + part)
    expected = [sign.process(differential.line_of(case)).encode() for case in cases]
    answers = sign_lines.lines(target, cases)
    wrong = [index for index in range(len(cases)) if answers[index] != expected[index]]
    for index in wrong[:3]:
        print(differential.line_of(cases[index]).decode())
        print("     got: %s\nexpected: %s" % (answers[index].decode(), expected[index].decode()))
    assert not wrong, "%d of %d answers differ" % (len(wrong), len(cases))
    assert sum(answer.startswith(b'{"canonical_request"') for answer in answers) > 700


@pytest.mark.parametrize("fault", oracle_faults.FAULTS, ids=lambda fault: fault.name)
def test_each_named_fault_is_real(fault):
    """An oracle that got better is compared again: the fault's example must still go wrong."""
    case = dict(oracle_faults.BASE, **fault.example)
    assert oracle_faults.of(fault.oracle, case) == fault.name
    assert ASK[fault.oracle](case).signature != textbook.sign(case).signature
    other = "botocore" if fault.oracle == "awscrt" else "awscrt"
    if oracle_faults.of(other, case) is None:
        assert ASK[other](case).signature == textbook.sign(case).signature


def test_no_fault_has_the_plain_request():
    for oracle, ask in ASK.items():
        assert oracle_faults.of(oracle, oracle_faults.BASE) is None
        assert ask(oracle_faults.BASE).signature == textbook.sign(oracle_faults.BASE).signature


def test_the_table_of_faults_names_each():
    text = oracle_faults.table()
    for fault in oracle_faults.FAULTS:
        assert fault.name in text
