"""The first request of a program: import the library, derive the key, sign. One JSON object.

{"import": us, "sign": us}. Argument: ".frozen" to look nowhere else.
"""

import gc
import json
import sys
import time

if hasattr(time, "ticks_us"):
    now, since = time.ticks_us, time.ticks_diff
else:

    def now():
        return time.perf_counter_ns() // 1000

    def since(end, start):
        return end - start


def main(folder=""):
    if folder:
        sys.path[:] = [folder]
    gc.collect()
    start = now()
    from sigv4_mp import Credentials, Signer

    loaded = now()
    keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    Signer(keys, "us-east-1", "s3").sign(
        "PUT",
        "https://bucket.s3.us-east-1.amazonaws.com/folder/file.bin",
        [("Content-Type", "application/octet-stream")],
        payload_hash="0" * 64,
        content_length=5,
        amz_date="20150830T123600Z",
    )
    end = now()
    print(json.dumps({"import": since(loaded, start), "sign": since(end, loaded)}))


if __name__ == "__main__":
    main(*sys.argv[1:2])
