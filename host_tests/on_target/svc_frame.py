"""A command of svc_client.py: the bytes of a one-pass upload, instead of sending them."""

from binascii import hexlify

from svc_put import Stream

from sigv4_mp.services.bodies import StreamBody
from sigv4_mp.services.streaming import Plan


def frame(client, command):
    """Return head and body as hex."""
    s3 = client.s3
    length = command["length"]
    plan = Plan(command["mode"], command.get("checksum"), "https", None, length)
    body = plan.body(StreamBody(Stream(1000), length))
    sealed = s3.signer.sign(
        "PUT",
        s3.url(command["key"]),
        plan.headers,
        payload_hash=plan.payload_hash,
        content_length=body.length,
    )
    reader = body.open(sealed)
    block = bytearray(1000)
    pieces = []
    count = reader.readinto(memoryview(block))
    while count:
        pieces.append(hexlify(block[:count]).decode())
        count = reader.readinto(memoryview(block))
    return {"head": hexlify(sealed.head).decode(), "body": "".join(pieces)}
