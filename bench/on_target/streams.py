"""What a stream of signed chunks costs: one JSON object.

{"garbage": [bytes of each chunk], "derived": signing keys derived for all of them, "chunks": n}
"""

import gc
import json

from sigv4_mp import Credentials, FixedClock, Signer, keys
from sigv4_mp.chunked import ROOM, SIGNED, TAIL, ChunkEncoder, encoded_length

CHUNKS = 64
SIZE = 8192
counted = [0]
_derive = keys.derive_signing_key


def derive(*arguments):
    counted[0] += 1
    return _derive(*arguments)


def main():
    keys.derive_signing_key = derive
    signer = Signer(
        Credentials("AKIDEXAMPLE", "secret"), "us-east-1", "s3", FixedClock("20260101T000000Z")
    )
    length = CHUNKS * SIZE
    sealed = signer.sign(
        "PUT",
        "https://bucket.s3.us-east-1.amazonaws.com/key",
        [("x-amz-decoded-content-length", str(length)), ("content-encoding", "aws-chunked")],
        payload_hash=SIGNED,
        content_length=encoded_length(length, SIZE, SIGNED),
    )
    encoder = ChunkEncoder(sealed, length, SIZE, SIGNED)
    buffer = bytearray(ROOM + SIZE + TAIL)
    garbage = [0] * CHUNKS
    used = gc.mem_alloc if hasattr(gc, "mem_alloc") else (lambda: 0)
    for number in range(CHUNKS):
        gc.collect()
        before = used()
        gc.disable()
        encoder.wrap(buffer, SIZE)
        garbage[number] = used() - before
        gc.enable()
    encoder.end()
    print(json.dumps({"garbage": garbage, "derived": counted[0], "chunks": CHUNKS}))


if __name__ == "__main__":
    main()
