"""x-amz-checksum-*: taken, kept, compared; as a header and as a trailer."""

from binascii import b2a_base64

from sigv4_mp.checksum import new

from .finding import NO, NOT_ASKED, YES, Finding, holds, probe, refused
from .probe_payload import BODY, framed, stored

NAMES = {
    "crc32": "CRC32",
    "crc32c": "CRC32C",
    "crc64nvme": "CRC64NVME",
    "sha1": "SHA1",
    "sha256": "SHA256",
}


def value(name, body):
    """Return x-amz-checksum-<name> of a body, str."""
    checksum = new(name)
    checksum.update(body)
    return b2a_base64(checksum.digest()).decode().strip()


def _trailer_mode(place):
    """Return the mode with a trailer to ask in, or None: the server takes none."""
    for mode in ("unsigned-trailer", "chunked-trailer"):
        if mode_is_taken(place, mode):
            return mode
    return None


def mode_is_taken(place, mode):
    """Return whether a mode was found to work; it is tried where nobody asked yet."""
    known = place.known.get("payload." + mode)
    if known is None:
        draft = framed(place, "try-" + mode, mode)
        known = stored(place, place.send(draft), "try-" + mode, BODY)
    return known.verdict == YES


class _OfNothing:
    """A checksum that never heard of the body: rightly made, rightly signed, and wrong."""

    def __init__(self, name):
        self._real = new(name)
        self.name, self.size = self._real.name, self._real.size

    def update(self, _):
        """Nothing is counted."""

    def digest(self):
        return self._real.digest()


def _in_trailer(place, key, name, make=new):
    """Return the Answer to an upload with this trailer, or a Finding that there is no such mode."""
    mode = _trailer_mode(place)
    if mode is None:
        return Finding(NOT_ASKED, note="no mode with a trailer works")
    return place.send(framed(place, key, mode, name, make=make))


def _register(name, words):
    key = "checksum-" + name

    @probe("checksum.%s.header" % name, "%s: taken as a header" % words)
    def header(place):
        more = [("x-amz-checksum-" + name, value(name, BODY))]
        return stored(place, place.ask("PUT", key, BODY, headers=more), key, BODY)

    @probe("checksum.%s.kept" % name, "%s: kept, and told to who asks" % words)
    def kept(place):
        got = place.ask("HEAD", key, headers=[("x-amz-checksum-mode", "ENABLED")])
        said = got.headers.get("x-amz-checksum-" + name)
        if said is None and got.ok:
            return Finding(NO, got)
        return holds(got, said == value(name, BODY), "tells another")

    @probe("checksum.%s.wrong" % name, "%s: a wrong one is refused" % words)
    def wrong(place):
        more = [("x-amz-checksum-" + name, value(name, b"other"))]
        return refused(place.ask("PUT", key + "-wrong", BODY, headers=more))

    @probe("checksum.%s.trailer" % name, "%s: taken as a trailer" % words)
    def trailer(place):
        answer = _in_trailer(place, key + "-t", name)
        if isinstance(answer, Finding):
            return answer
        return stored(place, answer, key + "-t", BODY)

    @probe("checksum.%s.wrong_trailer" % name, "%s: a wrong trailer is refused" % words)
    def wrong_trailer(place):
        answer = _in_trailer(place, key + "-tw", name, _OfNothing)
        return answer if isinstance(answer, Finding) else refused(answer)


for _name, _words in NAMES.items():
    _register(_name, _words)
