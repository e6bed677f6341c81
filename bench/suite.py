"""AWS's published signing suite on a target: how many of its cases come out as they must."""

from bench.harness import BOARD, targets
from host_tests import aws_suite, sign_lines, textbook

_USUAL = "normalize=1 double=1 "


def run(target):
    """Return {"published": [right, all], "header": [...], "query": [...]} of a target.

    published: canonical request, string to sign and Authorization header as AWS prints them.
    header, query: each case under all four path policies, signed in a header or in the query, as
    the textbook signer has it; the tests compare that with awscrt's. On the slow board it is one
    policy here, and all of them in the tests.
    """
    suite = aws_suite.load()
    twins = [
        ("query" if twin.get("auth") == "query" else "header", twin)
        for case in suite.values()
        for label, twin in aws_suite.path_twins(case.line)
        if target != BOARD or label.startswith(_USUAL)
    ]
    asked = [case.line for case in suite.values()] + [twin for _, twin in twins]
    answers = sign_lines.answers(targets.TARGETS[target], asked)
    found = {"published": [0, len(suite)], "header": [0, 0], "query": [0, 0]}
    for case, got in zip(suite.values(), answers):
        wanted = (case.canonical_request, case.string_to_sign, case.authorization)
        names = ("canonical_request", "string_to_sign", "authorization")
        found["published"][0] += wanted == tuple(got.get(name) for name in names)
    for (auth, twin), got in zip(twins, answers[len(suite) :]):
        found[auth][1] += 1
        found[auth][0] += got.get("signature") == textbook.sign(twin).signature
    return found
