"""A server's refusal, taken apart: its code, its message, and what it says it should have been.

Reads S3's XML, the XML and JSON of other services, and what Swift, MiniStack, Ceph and MinIO make
of them, also where it is cut short. Bounded: no more than LIMIT bytes.
Source: S3 API reference, "Error responses"; AWS IAM guide, "Troubleshoot signed requests".
"""

from binascii import unhexlify

from .amzdate import to_seconds
from .errors import RequestError

LIMIT = 32768
"""Bytes of a body that are looked at: a canonical request, three times as long again in hex."""

_ENTITIES = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"))
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_CANONICAL = b"The Canonical String for this request should have been"
_TO_SIGN = b"The String-to-Sign should have been"


class Said:
    """What a server said.

    status: int. code, message: str. canonical_request, string_to_sign, signature: bytes or None,
    the server's. is_cut: the body ends within its canonical request. server_s: int, its time in
    Unix seconds, or None. exact: that time is the one that it compared with. headers: dict,
    lower-case name -> str.
    """

    def __init__(self, status, headers=(), body=None):
        """headers: dict or pairs, str. body: bytes-like, str or None."""
        self.status = status
        pairs = headers.items() if hasattr(headers, "items") else headers
        self.headers = {name.lower(): value for name, value in pairs}
        if isinstance(body, str):
            body = body.encode()
        self._body = bytes(memoryview(body)[:LIMIT]) if body else b""
        self._is_xml = self._body.lstrip()[:1] == b"<"
        self.message = _text(self.find("Message") or self.find("message") or b"")
        self.code = _code(self)
        message = self._long_message()
        self.canonical_request = self._exact("CanonicalRequest") or _quoted(message, _CANONICAL)
        self.string_to_sign = self._exact("StringToSign") or _quoted(message, _TO_SIGN)
        self.is_cut = b"<CanonicalRequest>" in self._body and b"</CanonicalR" not in self._body
        self.signature = self.find("SignatureProvided") or None
        self.server_s, self.exact = _server_time(self)

    @property
    def is_swift(self):
        """Whether OpenStack Swift says it: its answers have gaps of their own."""
        return "x-openstack-request-id" in self.headers

    @property
    def is_bare(self):
        """Whether it is neither the service's XML nor JSON: a page of HTML, or nothing."""
        return self.find("Code") is None and self._body[:1] != b"{"

    def find(self, name):
        """Return the text of an element or a JSON member, bytes, or None."""
        name = name.encode()
        return _element(self._body, name) if self._is_xml else _member(self._body, name)

    def hear_time(self, server_time):
        """Take the time of a ServerTime element, str or None, or else of the message."""
        if server_time:
            self.server_s, self.exact = iso_s(server_time), True
        elif self.server_s is None:
            self.server_s, self.exact = _server_time(self)

    def _long_message(self):
        return b"" if self._is_xml and _CANONICAL not in self._body else self.message.encode()

    def _exact(self, name):
        """Return a text of several lines; its form in hex says what XML may have lost."""
        text = self.find(name)
        if text is None:
            return None
        text = text.strip(b"\r\n ")
        try:
            data = unhexlify(b"".join((self.find(name + "Bytes") or b"").split()))
        except ValueError:  # cut short, or blotted out
            data = b""
        return data if data and data.split() == text.split() else text


def _text(data):
    return str(data, "utf-8") if _is_utf8(data) else "(not UTF-8)"


def _is_utf8(data):
    try:
        str(data, "utf-8")
    except UnicodeError:
        return False
    return True


def _code(said):
    """Return the service's own code, str, or the status."""
    code = said.headers.get("x-amzn-errortype")
    for name in ("Code", "__type", "code"):
        code = code or _text(said.find(name) or b"")
    return code.split(":")[0].split("#")[-1].strip() or str(said.status)


def _element(body, name):
    start = body.find(b"<" + name + b">")
    if start < 0:
        return None
    start += len(name) + 2
    end = body.find(b"</" + name + b">", start)
    text = body[start:end] if end >= 0 else body[start:]
    if b"&" not in text:
        return text
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    for number in (b"&#10;", b"&#xA;", b"&#xa;"):
        text = text.replace(number, b"\n")
    return text.replace(b"&#13;", b"\r").replace(b"&#xD;", b"\r").replace(b"&amp;", b"&")


def _member(body, name):
    """Return the first JSON string of that name, at any depth."""
    at = body.find(b'"' + name + b'"')
    if at < 0:
        return None
    at = body.find(b":", at + len(name) + 2)
    rest = body[at + 1 :].lstrip() if at >= 0 else b""
    if rest[:1] != b'"':
        return None
    out = bytearray()
    at = 1
    while at < len(rest) and rest[at] != 0x22:
        if rest[at] == 0x5C:
            at += _unescape(rest, at + 1, out)
        else:
            out.append(rest[at])
        at += 1
    return bytes(out)


def _unescape(rest, at, out):
    """Append what the escape at rest[at] means; return how many bytes it has."""
    char = rest[at : at + 1]
    if char == b"u":
        try:
            out.extend(chr(int(str(rest[at + 1 : at + 5], "utf-8"), 16)).encode())
        except (ValueError, UnicodeError):  # half a surrogate pair, or cut short
            out.extend(b"?")
        return 5
    found = b"nrtbf".find(char) if char else -1
    out.extend(b"\n\r\t\b\f"[found : found + 1] if found >= 0 else char)
    return 1


def _quoted(message, mark):
    """Return what stands in quotes after mark, bytes, or None."""
    at = message.find(mark)
    if at < 0:
        return None
    start = message.find(b"'", at)
    end = message.find(_TO_SIGN, start)
    end = message.rfind(b"'", start + 1, end if end >= 0 else len(message))
    return message[start + 1 : end] if 0 <= start < end else None


def _server_time(said):
    """Return (Unix seconds or None, whether it is what the server compared with)."""
    found = iso_s(_text(said.find("ServerTime") or b""))
    if found is None and "Signature" in said.message:
        # "... is now earlier than B (C - 5 min.)", "... is still later than B (C + 5 min.)"
        found = seconds(said.message.partition("(")[2][:16])
    if found is not None:
        return found, True
    if "age" in said.headers:  # out of a cache
        return None, False
    return _http_s(said.headers.get("date", "")), False


def seconds(text):
    """Return the Unix time of an amz_date, int, or None."""
    try:
        return to_seconds(text)
    except RequestError:
        return None


def iso_s(text):
    """Return the Unix time of "2026-11-22T10:00:00Z", with or without fractions, or None."""
    return seconds(text.replace("-", "").replace(":", "").split(".")[0].rstrip("Z") + "Z")


def _http_s(text):
    """Return the Unix time of an HTTP date, or None. Source: RFC 9110, section 5.6.7."""
    month = _MONTHS.find(text[8:11])
    if len(text) != 29 or month % 3:
        return None
    clock = text[17:19] + text[20:22] + text[23:25]
    return seconds("%s%02d%sT%sZ" % (text[12:16], month // 3 + 1, text[5:7], clock))
