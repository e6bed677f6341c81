"""How long a collection takes once more and more of the library is alive: a JSON object a line.

    {"phase": "a signer", "us": [..], "live": bytes}     five times

Arguments: a file of all modules' names; collections that one time is the mean of; ".frozen" to look
nowhere else.
"""

import gc
import json
import sys

from modules import load, names_in, ticks


def pause(phase, each):
    """Print the line of a phase: five means of so many collections each."""
    gc.collect()
    spent = []
    for _ in range(5):
        start = ticks()
        for _ in range(each):
            gc.collect()
        spent.append((ticks() - start) / each)
    live = gc.mem_alloc() if hasattr(gc, "mem_alloc") else None
    print(json.dumps({"phase": phase, "us": spent, "live": live}))


def main(file, each, folder=""):
    names, each = names_in(file), int(each)
    if folder:
        sys.path[:] = [folder]
    pause("nothing of it loaded", each)
    from sigv4_mp import Credentials, FixedClock, Signer

    signer = Signer(
        Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    pause("a signer", each)
    prepared = signer.prepare("PUT", "https://bucket.s3.us-east-1.amazonaws.com/folder/file.bin")
    kept = [prepared, prepared.seal()]
    pause("a request prepared and sealed", each)
    for name in names:
        load(name, False)
        if name == "services.s3":
            pause("S3, HTTP, TLS loaded", each)
    pause("the whole library loaded", each)
    kept.clear()


if __name__ == "__main__":
    main(*sys.argv[1:4])
