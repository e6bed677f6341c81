"""What the clients here share: a line of JSON on stdin is a command, one on stdout its answer.

It is as small as can be: on unix32 it lives in the heap of 128 KB that is measured.
"""

import gc
import json
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # before the imports, as README.md tells who has a small heap

from sigv4_mp.errors import SigV4Error


def serve(make, work):
    """Print what work(make(first line), command) returns, for each line that is a command.

    None: it has printed that itself. What make() raises is the only answer then.
    """
    client = None
    for line in sys.stdin:
        gc.collect()
        line = json.loads(line)
        try:
            if client is None:
                client = make(line)
                continue
            line = work(client, line)
        except (SigV4Error, OSError) as error:
            line = {"error": type(error).__name__, "text": str(error)}
            for name in ("field", "status", "code"):
                line[name] = getattr(error, name, None)
        if line is not None:
            print(json.dumps(line))
        if client is None:
            return
