"""Scoped keys: signing keys of some days, derived on another machine. The secret is never here.

    keys = ScopedKeys("/scoped.keys")          # tools/provision.py scoped-key made it
    signer = Signer(keys, "eu-west-1", "s3", clock)

One pack is for one access key, region and service, a key for each UTC day. The file:

    sigv4_mp scoped keys 1\\n
    ACCESS_KEY_ID REGION SERVICE DAYS [SESSION_TOKEN]\\n
    DAYS times: 8 bytes scope_date, 32 bytes signing key; ascending
    4 bytes: CRC-32 of all before, big-endian
"""

import io
from binascii import crc32

from ..amzdate import days_from_1970
from ..errors import CredentialsError, CredentialsExpired
from .scoped_credentials import ScopedCredentials

MAGIC = b"sigv4_mp scoped keys 1\n"
_ENTRY = 40
_MOST_DAYS = 400
_LONGEST_LINE = 8192


def pack(access_key_id, region, service, keys, session_token=None):
    """Return a pack, bytes. keys: list of (scope_date, signing key), bytes[8] and bytes[32].

    For the machine that holds the secret. Raises: CredentialsError, RequestError.
    """
    keys = sorted(keys)
    for scope_date, key in keys:
        ScopedCredentials(access_key_id, scope_date, region, service, key, session_token).wipe()
    words = [access_key_id, region, service, str(len(keys))]
    if session_token is not None:
        words.append(session_token)
    data = bytearray(MAGIC + " ".join(words).encode() + b"\n")
    for scope_date, key in keys:
        data.extend(scope_date)
        data.extend(key)
    return bytes(data + crc32(data).to_bytes(4, "big"))


class ScopedKeys:
    """Credentials of a pack: holds one day's key in RAM at a time, and no secret at all.

    first_date, last_date: bytes[8], the days that it covers: nothing is signed on others.
    """

    expires_at = None  # a URL may outlive its day: what counts is the day it was signed on

    def __init__(self, source):
        """source: a path (str), bytes, or a function that returns bytes (a SecretStore's).

        Raises: CredentialsError (scoped_keys) for what is no whole pack; OSError for no file.
        Cost: the file is read once, in blocks; again when the day changes.
        """
        self._source = source
        self._current = self._date = None
        with self._open() as file:
            self._read_head(file)

    def _open(self):
        source = self._source
        if isinstance(source, str):
            return open(source, "rb")
        return io.BytesIO(source() if callable(source) else source)

    def _read_head(self, file):
        check = _Checked(file)
        if check.read(len(MAGIC)) != MAGIC:
            _refuse("is no pack of scoped keys; see tools/provision.py")
        words = check.line().split(b" ")
        if len(words) not in (4, 5) or not words[3].isdigit() or len(words[3]) > 3:
            _refuse("has a head that can't be read")
        count = int(words[3])
        if not 0 < count <= _MOST_DAYS:
            _refuse("must hold 1 to %d days" % _MOST_DAYS)
        self._words = words
        self._start = check.at
        self._count = count
        dates = []
        for _ in range(count):
            dates.append(bytes(check.read(_ENTRY)[:8]))
        if check.crc.to_bytes(4, "big") != file.read(4) or file.read(1):
            _refuse("is damaged or cut; provision it again")
        if sorted(dates) != dates:
            _refuse("has its days in disorder")
        self.first_date = dates[0]
        self.last_date = dates[-1]
        self._take(words, dates[0], bytes(32)).wipe()  # checks what stands in the head
        self.access_key_id = words[0]
        self.session_token = words[4] if len(words) > 4 else None

    def _take(self, words, date, key):
        token = words[4] if len(words) > 4 else None
        return ScopedCredentials(words[0], date, words[1], words[2], key, token)

    def signing_key(self, scope_date, region, service):
        """Return the SigningKey of a day. Raises: CredentialsError naming what it is not good for;
        CredentialsExpired after the last day."""
        scope_date = bytes(scope_date)
        if self._date != scope_date:
            self._load(scope_date)
        return self._current.signing_key(scope_date, region, service)

    def _load(self, scope_date):
        if self._words is None:
            raise CredentialsError("signing_key", "was wiped; load the pack again")
        if scope_date > self.last_date:
            text = "the keys ran out with %s; provision new ones" % self.last_date.decode()
            raise CredentialsExpired("scope_date", text)
        with self._open() as file:
            file.seek(self._start)
            for _ in range(self._count):
                entry = file.read(_ENTRY)
                if entry[:8] == scope_date:
                    if self._current:
                        self._current.wipe()
                    self._current = self._take(self._words, scope_date, entry[8:])
                    self._date = scope_date
                    return
        raise CredentialsError("scope_date", "no key for %s in the pack" % scope_date.decode())

    def days_left(self, amz_date):
        """Return for how many days after this one (amz_date, bytes[16]) there are keys: 0, the
        last day is today; -1, they ran out."""
        return max(_day(self.last_date) - _day(amz_date), -1)

    def wipe(self):
        """Overwrite the key in RAM. The file is the caller's to remove."""
        if self._current:
            self._current.wipe()
        self._current = self._words = self._date = None

    def __repr__(self):
        days = (self.first_date + b" to " + self.last_date).decode()
        return "<ScopedKeys %s %s>" % (self.access_key_id.decode(), days)


class _Checked:
    """Reads a file and keeps its CRC."""

    def __init__(self, file):
        self._file = file
        self.crc = self.at = 0

    def read(self, count):
        data = self._file.read(count)
        if len(data) != count:
            _refuse("is damaged or cut; provision it again")
        self.crc = crc32(data, self.crc)
        self.at += count
        return data

    def line(self):
        line = bytearray()
        while True:
            byte = self.read(1)
            if byte == b"\n":
                return bytes(line)
            line.extend(byte)
            if len(line) > _LONGEST_LINE:
                _refuse("has a head that can't be read")


def _day(date):
    return days_from_1970(int(date[:4]), int(date[4:6]), int(date[6:8]))


def _refuse(text):
    raise CredentialsError("scoped_keys", text)
