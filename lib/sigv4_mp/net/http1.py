"""An HTTP/1.1 response parser that does no I/O (RFC 9110, RFC 9112).

The peer is not trusted. Each rule stands beside its grammar. Where the RFC lets a recipient be
lenient this one is strict: the servers it is for send what the grammar says, and two parsers that
mend the same bytes differently are how responses get smuggled.

- A line ends in CRLF. A bare CR or LF, and any control byte but HTAB, is refused (9112 §2.2).
- A folded header line is refused (9112 §5.2), and white space before the colon (9112 §5.1).
- Content-Length and Transfer-Encoding together are refused (9112 §6.3, rule 3), and
  Content-Lengths that differ, and any transfer coding but `chunked`.

Bounded: each line by MAX_LINE; heads, trailers and chunk extensions of one response by MAX_HEAD
bytes and MAX_HEADERS lines in all; the values of a repeated header by MAX_JOINED; informational
responses by MAX_INTERIM.
A body that runs until the connection closes can't be told from a cut one (9112 §6.3, rule 8; over
TLS neither, for mbedTLS reports a missing close_notify as a plain end): `unbounded` says so.
"""

from ..errors import ProtocolError
from .steps import const

NEED_DATA = const(0)  # receive into `buffer`, then call received()
HEAD = const(1)  # status, reason and headers are there
BODY = const(2)  # buffer[body_start:body_end] is body
END = const(3)

MAX_LINE = const(4096)
MAX_HEAD = const(8192)
MAX_HEADERS = const(100)
MAX_JOINED = const(512)
MAX_INTERIM = const(8)

# What the next byte belongs to. Those up to _CHUNK_END are lines.
_STATUS = const(0)
_HEADER = const(1)
_TRAILER = const(2)
_CHUNK_SIZE = const(3)
_CHUNK_END = const(4)
_CHUNK_DATA = const(5)
_LENGTH = const(6)
_CLOSE = const(7)
_DONE = const(8)

# The fewest bytes to the end of a response, by what comes next: "HTTP/1.1 200" CRLF CRLF, CRLF,
# CRLF, "0" CRLF CRLF, and CRLF "0" CRLF CRLF.
_SHORTEST = b"\x10\x02\x02\x05\x07"

_TOKEN = b"-abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+.^_`|~"  # tchar, RFC 9110 §5.6.2


class ResponseParser:
    """Parses one response. The buffer may serve the next one; the parser may not.

        event = parser.next()
        if event == NEED_DATA:          # receive into parser.buffer, then
            parser.received(n)          # 0: the peer closed

    status: int. reason: str. headers: dict, lower-case name -> value, both str; repeated ones are
    joined by ", " in order. length: int, bytes of the body, None where it is not known in advance;
    unbounded: whether nothing but the end of the connection will tell. begun: a byte has come.
    reusable: after END, whether the connection may serve another request.
    Cost: nothing is allocated by a BODY event or between chunks, for bodies below 2**30 bytes.
    """

    def __init__(self, buffer, method):
        """buffer: bytearray, the caller receives into it. method: str, the request's."""
        self.buffer = buffer
        self.status = 0
        self.reason = ""
        self.headers = {}
        self.length = None
        self.unbounded = False
        self.body_start = self.body_end = 0
        self.reusable = False
        self.begun = False
        self._no_body = method == "HEAD"
        self._start = self._end = 0  # buffer[_start:_end] waits to be parsed
        self._eof = False
        self._line = bytearray(128)
        self._length = 0  # of the line so far
        self._after_cr = False
        self._head_left = MAX_HEAD
        self._lines_left = MAX_HEADERS
        self._interim_left = MAX_INTERIM
        self._minor = 0  # of the HTTP version
        self._left = 0  # body bytes to come, of the whole or of this chunk
        self._state = _STATUS

    def received(self, count):
        """Say that buffer[:count] has been filled, or with 0 that the peer closed."""
        self._start = 0
        self._end = count
        self._eof = count == 0
        if count:
            self.begun = True

    def least(self):
        """Return how many bytes the peer must still send in any case; at most the buffer's size."""
        state = self._state
        if state == _CLOSE:
            return 1
        if state > _CHUNK_END:
            least = self._left + 7 if state == _CHUNK_DATA else self._left
            return min(least, len(self.buffer))
        least = _SHORTEST[state]
        if self._length:  # the rest of this line, and an empty one
            least = max(least - self._length, 4)
        return least - 1 if self._after_cr else least

    def next(self):
        """Return the next event. Raises: ProtocolError, after which the connection is of no use."""
        while self._state != _DONE:
            if self._start == self._end:
                if not self._eof:
                    return NEED_DATA
                if self._state != _CLOSE:
                    raise ProtocolError("the response was cut short; try again")
                self._state = _DONE
            elif self._state > _CHUNK_END:
                return self._body()
            elif self._scan_line() and self._on_line():
                return HEAD
        if self._start < self._end:  # bytes that nobody asked for
            self.reusable = False
        return END

    def _body(self):
        count = self._end - self._start
        if self._state != _CLOSE:
            if count >= self._left:
                count = self._left
                self._state = _CHUNK_END if self._state == _CHUNK_DATA else _DONE
            self._left -= count
        self.body_start = self._start
        self._start += count
        self.body_end = self._start
        return BODY

    # line = *( HTAB / SP / VCHAR / obs-text ) CRLF
    def _scan_line(self):
        """Move bytes up to a CRLF into _line. Return whether the line is complete."""
        buffer = self.buffer
        line = self._line
        length = self._length
        at = self._start
        done = False
        while at < self._end and not done:
            byte = buffer[at]
            at += 1
            if self._after_cr or byte == 127 or byte < 32 and byte != 9:
                done = self._line_end(byte)
            else:
                if length == len(line):
                    self._grow()
                line[length] = byte
                length += 1
        if self._state < _CHUNK_SIZE:
            self._spend(at - self._start)
        self._start = at
        self._length = length
        return done

    def _line_end(self, byte):
        if self._after_cr:
            if byte != 10:
                raise ProtocolError("bare CR in the response")
            self._after_cr = False
            return True
        if byte != 13:
            raise ProtocolError("control byte or bare LF in the response")
        self._after_cr = True
        return False

    def _grow(self):
        if len(self._line) >= MAX_LINE:
            raise ProtocolError("a line of the response is too long")
        self._line.extend(bytes(len(self._line)))

    def _spend(self, count):
        self._head_left -= count
        if self._head_left < 0:
            raise ProtocolError("the head of the response is too long")

    def _on_line(self):
        """Take the complete line. Return whether it ends the head of the final response."""
        length = self._length
        self._length = 0
        state = self._state
        if state == _CHUNK_SIZE:
            self._chunk_size(length)
        elif state == _CHUNK_END:
            if length:
                raise ProtocolError("a chunk is longer than its size")
            self._state = _CHUNK_SIZE
        elif length == 0 and state != _STATUS:
            if state == _HEADER:
                return self._end_of_head()
            self._state = _DONE
        else:
            try:
                self._head_line(bytes(memoryview(self._line)[:length]))
            except MemoryError:  # a peer must not end the program that way
                self.headers = {}
                raise ProtocolError("no memory is left for the head of the response")
        return False

    def _head_line(self, line):
        if self._state == _STATUS:
            self._status_line(line)
            return
        self._lines_left -= 1
        if self._lines_left < 0:
            raise ProtocolError("too many headers in the response")
        self._field_line(line)

    # status-line = HTTP-version SP status-code SP [ reason-phrase ]        RFC 9112 §4
    # The second SP is missing at some servers that give no reason; nothing hangs on it.
    def _status_line(self, line):
        code = line[9:12]
        known = line[:9] == b"HTTP/1.1 " or line[:9] == b"HTTP/1.0 "
        if not known or not code.isdigit() or line[12:13] not in (b"", b" "):
            raise ProtocolError("the peer does not speak HTTP/1; check the port")
        self._minor = line[7] - 48
        self.status = int(code)
        if not 100 <= self.status <= 599 or self.status == 101:  # §15.2.2: nobody asked for 101
            raise ProtocolError("unusable status %d" % self.status)
        self.reason = _text(line[13:])
        self._state = _HEADER

    # field-line = field-name ":" OWS field-value OWS                       RFC 9112 §5
    def _field_line(self, line):
        colon = line.find(b":")
        name = line[: max(colon, 0)].lower()
        if not name:  # obs-fold has no name either
            raise ProtocolError("a header without a name")
        for byte in name:
            if byte not in _TOKEN:
                raise ProtocolError("bad character in a header's name")
        if self._state == _TRAILER:  # §7.1.2: may be discarded, must not be merged
            return
        name = name.decode()
        value = _text(line[colon + 1 :].strip(b" \t"))
        earlier = self.headers.get(name)
        if earlier is not None and (name != "content-length" or value != earlier):
            # One string in one piece: on a fragmented heap that is what breaks first.
            if len(earlier) + len(value) > MAX_JOINED:
                raise ProtocolError("a header is repeated too often")
            value = earlier + ", " + value
        self.headers[name] = value

    # RFC 9112 §6.3, in its order
    def _end_of_head(self):
        status = self.status
        if status < 200:
            return self._skip_interim()
        headers = self.headers
        coding = headers.get("transfer-encoding")
        length = headers.get("content-length")
        # Not parsed: whatever else holds these letters costs one connection at most.
        close = "close" in headers.get("connection", "").lower()
        self.reusable = self._minor == 1 and not close
        if coding is not None and (length is not None or self._minor == 0):
            raise ProtocolError("ambiguous length: Transfer-Encoding is misused")
        if self._no_body or status == 204 or status == 304:
            self.length = 0
            self._state = _DONE
        elif coding is not None:
            if coding.lower() != "chunked":
                raise ProtocolError("unknown transfer coding")
            self._state = _CHUNK_SIZE
        elif length is not None:
            # Content-Length = 1*DIGIT                                      RFC 9110 §8.6
            if not length.encode().isdigit() or len(length) > 15:
                raise ProtocolError("bad or contradictory Content-Length")
            self.length = self._left = int(length)
            self._state = _LENGTH if self._left else _DONE
        else:
            self.reusable = False
            self.unbounded = True
            self._state = _CLOSE
        return True

    def _skip_interim(self):
        """RFC 9110 §15.2: a client parses 1xx even if it does not expect any."""
        self._interim_left -= 1
        if self._interim_left < 0:
            raise ProtocolError("too many informational responses")
        self.headers = {}
        self._state = _STATUS
        return False

    # chunk-size [ *( BWS ";" ... ) ] CRLF, chunk-size = 1*HEXDIG           RFC 9112 §7.1
    def _chunk_size(self, length):
        line = self._line
        size = 0
        at = 0
        while at < length and _hex(line[at]) >= 0:
            size = size * 16 + _hex(line[at])
            at += 1
        if not 1 <= at <= 7:  # also keeps size a small int
            raise ProtocolError("malformed chunk size")
        self._spend(length - at)
        while at < length and line[at] in b" \t":
            at += 1
        if at < length and line[at] != 59:
            raise ProtocolError("malformed chunk extension")
        self._left = size
        self._state = _CHUNK_DATA if size else _TRAILER


def _hex(byte):
    if 48 <= byte <= 57:
        return byte - 48
    byte |= 32
    return byte - 87 if 97 <= byte <= 102 else -1


def _text(data):
    """Return a header's bytes as str: UTF-8, or else obs-text taken as ISO 8859-1."""
    try:
        return data.decode()
    except UnicodeError:
        return "".join([chr(byte) for byte in data])
