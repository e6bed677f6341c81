"""Known answers of the hashes and keys. Argument: the kind of vectors in known.json to check."""

import json
import sys
from binascii import hexlify, unhexlify

import _check

from sigv4_mp import Credentials, Signer
from sigv4_mp.digest import HmacKey, hash_reader, sha256_hex
from sigv4_mp.keys import derive_signing_key
from sigv4_mp.post_policy import sign_policy


class Repeated:
    """A reader that gives a message several times over, in blocks of its own size."""

    def __init__(self, message, times):
        self._message, self._left = message, len(message) * times

    def readinto(self, buffer):
        count = min(len(buffer), self._left, len(self._message) * 1000)
        for i in range(count):
            buffer[i] = self._message[i % len(self._message)]
        self._left -= count
        return count


def sha256(vector):
    message, times = unhexlify(vector["message_hex"]), vector["times"]
    if times == 1:
        _check.equal("at once", sha256_hex(message).decode(), vector["digest"])
    got, length = hash_reader(Repeated(message, times), bytearray(4000))
    _check.equal("by blocks", got.decode(), vector["digest"])
    _check.equal("length", length, len(message) * times)


def hmac_sha256(vector):
    key = HmacKey(unhexlify(vector["key_hex"]))
    digest = vector["digest"]
    for use in (1, 2):  # the pads are kept, the second use must be as good as the first
        got = hexlify(key.digest(unhexlify(vector["message_hex"]))).decode()
        _check.equal("%s, use %d" % (vector["name"], use), got[: len(digest)], digest)


def signing_key(vector):
    secret = vector["secret_access_key"].encode()
    parts = [vector[name].encode() for name in ("scope_date", "region", "service")]
    _check.equal(
        vector["name"], hexlify(derive_signing_key(secret, *parts)).decode(), vector["signing_key"]
    )


def post_policy(vector):
    credentials = Credentials(vector["access_key_id"], vector["secret_access_key"])
    signer = Signer(credentials, vector["region"], vector["service"])
    encoded, signature = sign_policy(signer, vector["policy"], vector["amz_date"])
    _check.equal("base64", sha256_hex(encoded.encode()).decode(), vector["policy_base64_sha256"])
    _check.equal("signature", signature, vector["signature"])


def main(kind):
    with open("known.json") as file:
        vectors = json.load(file)[kind]["vectors"]
    for vector in vectors:
        globals()[kind](vector)
    _check.done()


main(sys.argv[1])
