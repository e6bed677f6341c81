"""Check the vectors by signers that share nothing with ours: awscrt and botocore.

    python -m host_tests.vectors.verify

A vector counts as verified if at least one of the two agrees and none disagrees; an oracle is left
out only for a fault that `host_tests.oracle_faults` names. "Path given": neither library can work
out that S3 path, so it was handed the textbook's and checks all but the path; what is left for the
path is a real server, see test_single_encoding.
"""

import json
import sys
from pathlib import Path

from host_tests import oracle_faults, oracles, textbook

FOLDER = Path(__file__).parent
FILES = ("aws_examples.json", "generated.json")
_ORACLES = (("awscrt", oracles.awscrt_sign), ("botocore", oracles.botocore_sign))


def load(name):
    """Return [(vector, case)] of a file, each case complete."""
    content = json.loads((FOLDER / name).read_text())
    return [(vector, dict(content["base"], **vector["case"])) for vector in content["vectors"]]


def verdicts(vector, case):
    """Return {oracle: "agrees", "disagrees", or the fault's name}; the textbook's among them."""
    found = {"textbook": _verdict(vector, textbook.sign(case).signature)}
    for name, ask in _ORACLES:
        fault = oracle_faults.of(name, case)
        verdict = fault or _verdict(vector, ask(case).signature)
        if verdict == "agrees" and oracle_faults.path_is_given(name, case):
            verdict = "agrees, path given"
        found[name] = verdict
    return found


def _verdict(vector, signature):
    return "agrees" if signature == vector["signature"] else "disagrees"


def is_verified(found):
    """Return whether nobody disagrees and at least one of the two libraries agrees."""
    answers = list(found.values())
    agree = [found[name] for name, _ in _ORACLES if found[name].startswith("agrees")]
    return "disagrees" not in answers and bool(agree)


def main():
    """Verify all files, print what failed and the counts; return how many failed."""
    failed = 0
    for name in FILES:
        vectors = load(name)
        counts = {}
        for vector, case in vectors:
            found = verdicts(vector, case)
            for oracle, verdict in found.items():
                counts[oracle, verdict] = counts.get((oracle, verdict), 0) + 1
            if not is_verified(found):
                failed += 1
                print("FAILED %s: %s" % (vector["name"], found))
        print("%s: %d vectors" % (name, len(vectors)))
        for (oracle, verdict), count in sorted(counts.items()):
            print("  %-9s %-20s %5d" % (oracle, verdict, count))
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
