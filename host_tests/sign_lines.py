"""Run `tools/sign.py` as a filter on a target: batches of cases in, their answers out."""

import json

from host_tests import textbook

SCRIPT = str(textbook.ROOT / "tools" / "sign.py")
# JSON, canonical request, head and answer of a 4 KB token are alive at once: more than the library
# needs. test_sign_tool has the filter run in 128 KB.
HEAP = "1m"
_BATCH = 1000


def encode(cases):
    """Return cases as the filter's input, bytes: raw UTF-8, one JSON object a line."""
    return b"".join(json.dumps(case, ensure_ascii=False).encode() + b"\n" for case in cases)


def run(target, data, heap=HEAP):
    """Return what the filter on a target writes for data (bytes). It must end well and silently."""
    result = target.run(SCRIPT, stdin=data, heap=heap)
    assert (result.code, result.stderr) == (0, b""), result.stderr.decode(errors="replace")[-2000:]
    return result.stdout


def lines(target, cases, heap=HEAP):
    """Return the filter's answers to cases as raw lines (list of bytes), in batches."""
    found = []
    for start in range(0, len(cases), _BATCH):
        batch = cases[start : start + _BATCH]
        answers = run(target, encode(batch), heap).splitlines()
        assert len(answers) == len(batch), "%d answers to %d lines" % (len(answers), len(batch))
        found += answers
    return found


def answers(target, cases, heap=HEAP):
    """Return the filter's answers to cases, a list of dicts."""
    return [json.loads(line) for line in lines(target, cases, heap)]
