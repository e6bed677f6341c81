"""Floor 0: aws-chunked framing and signatures, and the checksums of its trailers.

The 66,560-byte examples are AWS's: S3 API reference, "Signature Calculations for the Authorization
Header: Transferring Payload in Multiple Chunks (Chunked Upload)" and "... with trailing headers".
"""

from binascii import hexlify

import _section
from _check import equal, true
from _section import refuses

from sigv4_mp import Credentials, Signer, checksum
from sigv4_mp.chunked import (
    MIN_CHUNK,
    ROOM,
    SIGNED,
    SIGNED_TRAILER,
    TAIL,
    UNSIGNED_TRAILER,
    ChunkEncoder,
    encoded_length,
)
from sigv4_mp.errors import CredentialsError, RequestError, TamperError

URL = "https://s3.amazonaws.com/examplebucket/chunkObject.txt"
DATE = "20130524T000000Z"
# The CRC catalogue's check values of b"123456789"; the hashes' from FIPS 180's definitions.
CHECK_VALUES = (
    ("crc32", b"cbf43926"),
    ("crc32c", b"e3069283"),
    ("crc64nvme", b"ae8b14860a799888"),
    ("sha256", b"15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
)


def signer():
    keys = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    return Signer(Credentials(*keys), "us-east-1", "s3")


def sealed(length, chunk_size, mode, check=None):
    headers = [
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", str(length)),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ]
    if check:
        headers.append(("x-amz-trailer", "x-amz-checksum-" + check.name))
    size = encoded_length(length, chunk_size, mode, check)
    if not check:
        headers.append(("Content-Length", str(size)))  # that example signs it
    request = signer().sign(
        "PUT", URL, headers, payload_hash=mode, content_length=size, amz_date=DATE
    )
    return request, size


def encode(encoder, data, chunk_size):
    """Return the whole encoded body and the chunk signatures, in order."""
    buffer = bytearray(ROOM + chunk_size + TAIL)
    out = b""
    signatures = []
    for at in range(0, len(data), chunk_size):
        piece = data[at : at + chunk_size]
        buffer[ROOM : ROOM + len(piece)] = piece
        start, end = encoder.wrap(buffer, len(piece))
        out += bytes(memoryview(buffer)[start:end])
        signatures.append(encoder.signature)
    out += encoder.end()
    return out, signatures


def outline(encoder, length, chunk_size):
    """Encode that many b"a"; return (what stands round the data, signatures, length of all)."""
    buffer = bytearray(b"a" * (ROOM + chunk_size + TAIL))
    out = b""
    signatures = []
    total = 0
    while length:
        size = min(length, chunk_size)
        buffer[ROOM + size - 1] = 0x61
        start, end = encoder.wrap(buffer, size)
        view = memoryview(buffer)
        out += bytes(view[start : ROOM + 1]) + b"..." + bytes(view[end - 3 : end])
        signatures.append(encoder.signature)
        total += end - start
        length -= size
    last = encoder.end()
    return out + last, signatures, total + len(last)


def aws_example():
    request, size = sealed(66560, 65536, SIGNED)
    equal("length, as documented", size, 66824)
    seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    equal("seed signature", request.signature, seed)
    encoder = ChunkEncoder(request, 66560, 65536, SIGNED)
    body, signatures, length = outline(encoder, 66560, 65536)
    first = b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"
    second = b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"
    last = b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"
    equal("signatures of the two chunks", signatures, [first, second])
    equal("signature of the empty one", encoder.signature, last)
    equal("length, as announced", length, size)
    true("first header", body.startswith(b"10000;chunk-signature=" + first + b"\r\na..."))
    true("second header", b"a\r\n400;chunk-signature=" + second + b"\r\na..." in body)
    true("end", body.endswith(b"a\r\n0;chunk-signature=" + last + b"\r\n\r\n"))


def aws_trailer_example():
    check = checksum.new("crc32c")
    request, size = sealed(66560, 65536, SIGNED_TRAILER, check)
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    equal("seed signature", request.signature, seed)
    encoder = ChunkEncoder(request, 66560, 65536, SIGNED_TRAILER, check)
    body, signatures, length = outline(encoder, 66560, 65536)
    first = b"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"
    second = b"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"
    equal("signatures of the two chunks", signatures, [first, second])
    empty = b"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"
    trailer = b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
    end = b"0;chunk-signature=" + empty + b"\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n"
    end += b"x-amz-trailer-signature:" + trailer + b"\r\n\r\n"
    true("end", body.endswith(end))
    equal("length, as announced", length, size)


def framing():
    for mode in (SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER):
        for length in (0, 1, 8191, 8192, 8193, 16384, 20000):
            check = None if mode == SIGNED else checksum.new("crc32")
            request, size = sealed(length, MIN_CHUNK, mode, check)
            data = bytes(bytearray(range(256))) * 79
            data = data[:length]
            encoder = ChunkEncoder(request, length, MIN_CHUNK, mode, check)
            body, signatures = encode(encoder, data, MIN_CHUNK)
            equal("length of %d in %s" % (length, mode), len(body), size)
            true("decoded %d in %s" % (length, mode), decode(body) == data)
            true("no signature twice", len(set(signatures)) == len(signatures) or mode[10] == "U")


def decode(body):
    """Return the content of an aws-chunked body: a decoder of the test's own."""
    out = b""
    while True:
        end = body.find(b"\r\n")
        size = int(body[:end].split(b";")[0], 16)
        if not size:
            return out
        out += body[end + 2 : end + 2 + size]
        if body[end + 2 + size : end + 4 + size] != b"\r\n":
            raise ValueError("no line end behind a chunk")
        body = body[end + 4 + size :]


def misuse():
    for size in (8191, 0, -1, True, "8192", None):
        refuses(RequestError, "chunk_size", encoded_length, 10, size, SIGNED)
    request, _ = sealed(10000, MIN_CHUNK, SIGNED)
    buffer = bytearray(ROOM + MIN_CHUNK + TAIL)
    for length in (0, 1, 8191, 8193):
        encoder = ChunkEncoder(request, 10000, MIN_CHUNK, SIGNED)
        refuses(TamperError, "body", encoder.wrap, buffer, length)
    encoder = ChunkEncoder(request, 10000, MIN_CHUNK, SIGNED)
    encoder.wrap(buffer, MIN_CHUNK)
    refuses(TamperError, "body", encoder.end)
    encoder.wrap(buffer, 1808)
    refuses(TamperError, "body", encoder.wrap, buffer, 1)
    maker = signer()
    size = encoded_length(10, MIN_CHUNK, SIGNED)
    prepared = maker.prepare("PUT", URL)
    wiped = prepared.seal(payload_hash=SIGNED, content_length=size, amz_date=DATE)
    maker.credentials.wipe()
    encoder = ChunkEncoder(wiped, 10, MIN_CHUNK, SIGNED)  # it has the key that sealed the head
    buffer = bytearray(ROOM + MIN_CHUNK + TAIL)
    refuses(CredentialsError, "signing_key", encoder.wrap, buffer, 10)


def checksums():
    for name, value in CHECK_VALUES:
        whole = checksum.new(name)
        whole.update(b"123456789")
        equal(name, hexlify(whole.digest()), value)
        pieces = checksum.new(name)
        for piece in (b"", b"1", bytearray(b"2345"), memoryview(b"x6789x")[1:5]):
            pieces.update(piece)
        digest = pieces.digest()
        equal(name + " in pieces", hexlify(digest), value)
        equal(name + " size", len(digest), pieces.size)
    empty = (("crc32", 4), ("crc32c", 4), ("crc64nvme", 8))
    for name, size in empty:
        equal(name + " of nothing", checksum.new(name).digest(), bytes(size))
    for name in ("md5", "", "CRC32", "update"):
        refuses(RequestError, "checksum", checksum.new, name)


_section.run(aws_example, aws_trailer_example, framing, misuse, checksums)
