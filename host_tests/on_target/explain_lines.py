"""Answers on stdin, what explain makes of them on stdout: a JSON object a line each."""

import json
import sys

from sigv4_mp.explain import explain
from sigv4_mp.explain_ours import Ours


def main():
    line = sys.stdin.readline()
    while line:
        given = json.loads(line)
        given["ours"] = Ours(**given["ours"])
        found = explain(**given)
        given = line = None  # a small heap
        print(
            json.dumps(
                {
                    "cause": found.cause,
                    "field": found.field,
                    "certainty": found.certainty,
                    "also": found.also,
                    "offset_s": found.offset_s,
                    "text": str(found),
                }
            )
        )
        line = sys.stdin.readline()


main()
