"""AWS's published signing suite: every case, on every target, in headers and in the query.

What AWS publishes is compared as published. Its twins (signed in the query, and under every path
policy) are compared with awscrt, whose signature is equal only if its canonical request is.
"""

import itertools

import pytest

from host_tests import aws_suite, oracle_faults, oracles, server_view, sign_lines, textbook

UNSENDABLE = {"get-utf8", "get-vanilla-utf8-query", "normalize-path/get-space"}
PATHS = (
    """/ // /// //a //a//b /a/ /a// /. /./ /./a /a/. /a/./ /a/./b /.. /../ /../a
    /a/.. /a/../ /a/../b
    /a/b/.. /a/b/../ /a/b/../../../c /... /.a /a. /a/.../b /%2e /%2E%2E/a /a/%2e%2e/b /a%2Fb
    /a%2f..%2Fb /%20 /a%20b /a+b /a%2Bb /%C3%BC /%c3%bc /%41 /~ /%7E /a;b /a(b) /a*b /a:b@c
    /$delete /ü /ü/../é /日本/./語 /😀 /a=b&c""".split()
    + ["/a b", "/ ", "/ /../ ", "/a b/./c  d"]
)
_found = {}


@pytest.fixture(scope="session")
def suite():
    return aws_suite.load()


def _once(target, what, cases):
    """Return {key: answer} of cases on a target; one run of the filter for each kind of test."""
    if (target.name, what) not in _found:
        found = sign_lines.answers(target, list(cases.values()))
        _found[target.name, what] = dict(zip(cases, found))
    return _found[target.name, what]


def test_no_case_is_left_out(suite):
    assert len(suite) == len(aws_suite.NAMES) == 34
    assert set(aws_suite.BOTOCORE_SKIPS) < set(suite)


@pytest.mark.parametrize("name", aws_suite.NAMES)
def test_published_case(target, suite, name):
    case = suite[name]
    got = _once(target, "published", {name: case.line for name, case in suite.items()})[name]
    _compare_published(name, case, got)


def _compare_published(name, case, got):
    assert got["canonical_request"] == case.canonical_request
    assert got["string_to_sign"] == case.string_to_sign
    assert got["authorization"] == case.authorization
    assert (got["head"] is None) == ("unsendable" in got) == (name in UNSENDABLE)


@pytest.mark.parametrize("name", aws_suite.NAMES)
def test_its_twins_under_every_policy(target, suite, name):
    twins = _twins(suite)
    got = _once(target, "twins", twins)
    mine = [key for key in twins if key[0] == name]
    assert len(mine) == 8
    for key in mine:
        _compare(twins[key], got[key])


def _twins(suite):
    return {
        (name, label): line
        for name, case in suite.items()
        for label, line in aws_suite.path_twins(case.line)
    }


@pytest.mark.board
@pytest.mark.targets
@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_the_whole_suite_on_a_board(target, suite, share):
    """The two tests above in one, so that a slow board runs each case once for all processes.

    All 34 cases as published, and every fifth of their 272 twins, so that each of the eight ways to
    sign is among them seven times. All 272 take 50 s of a processor more: here in `make soak`, and
    in `make test` on the four other interpreters.
    """
    published = _once(target, "published", {name: case.line for name, case in suite.items()})
    assert len(published) == 34
    for name, case in suite.items():
        _compare_published(name, case, published[name])
    twins = dict(list(_twins(suite).items())[::share])
    answers = _once(target, ("twins", share), twins)
    assert len(answers) == (34 * 8 + share - 1) // share > 40
    for key, line in twins.items():
        _compare(line, answers[key])


@pytest.mark.parametrize("policy", list(itertools.product([False, True], repeat=2)))
@pytest.mark.parametrize("auth", ["header", "query"])
def test_paths_under_every_policy(target, auth, policy):
    normalize, double = policy
    base = dict(oracle_faults.BASE, normalize_path=normalize, double_encode=double)
    if auth == "query":
        base.update(auth="query", expires=3600)
    cases = {path: dict(base, target=path) for path in PATHS}
    got = _once(target, ("paths", auth, policy), cases)
    for path, case in cases.items():
        _compare(case, got[path])


def _compare(case, got):
    expected = textbook.sign(case)
    assert got.get("canonical_request") == expected.canonical_request, got
    assert got["string_to_sign"] == expected.string_to_sign
    assert got["signature"] == expected.signature
    if oracle_faults.of("awscrt", case) is None:
        assert oracles.awscrt_sign(case).signature == got["signature"], case
    else:
        assert oracle_faults.of("awscrt", case) == "crt-encoded-dots"
    if got["head"] is not None:
        server_view.verify(got["head"], case)
