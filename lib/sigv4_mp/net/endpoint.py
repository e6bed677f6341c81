"""What S3 servers differ in, as data.

    profile = profile_of("https://s3.eu-west-1.amazonaws.com")      # by the host
    profile = profile_of("https://nas.local:9000", "minio")         # self-hosted: say what it is
    profile = profile_of("https://nas.local").but(modes="hash chunked")

Policy only: no I/O, no time, nothing but floor 0 is imported; region.py, the other half, neither.
"""

from ..errors import RequestError

_MODES = "hash unsigned chunked chunked-trailer unsigned-trailer"
_CHECKSUMS = "crc32 crc32c crc64nvme sha1 sha256"
# name|host suffixes|region|addressing|modes|checksums|port|signs, "*" is all of them. One text
# costs the least RAM. docs/endpoints.md has it as a table, with the sources.
_PROFILES = """\
aws|amazonaws.com amazonaws.com.cn amazonaws.eu c2s.ic.gov sc2s.sgov.gov cloud.adc-e.uk \
csp.hci.ic.gov|host us-east-1|virtual|*|*|default
r2|r2.cloudflarestorage.com|auto|path|hash unsigned|*|https
backblaze|backblazeb2.com|host|path|hash unsigned||https
wasabi|wasabisys.com|host us-east-1|path|hash unsigned||default
swift||any us-east-1|path|*|*|any
minio||any us-east-1|path|*|*|any
ceph||any us-east-1|path|*|*|any
garage||any garage|path|*|*|any
generic||any us-east-1|path|hash unsigned||any|content-type"""


class Profile:
    """What one kind of server takes.

    name: str. suffixes: the domains below which such servers are, str with spaces between.
    region: "host NAME": stands in the host, NAME where it does not; "any NAME": the server's
    configuration decides, NAME is the usual one; NAME alone: always that.
    addressing: "virtual" or "path", what "auto" means. modes: names as S3.put_object takes them,
    and "hash" for mode None. checksums: names for x-amz-checksum-*.
    port: "any"; "default": 443 for https, 80 for http; "https": 443 only, no plain HTTP. In `Host`
    a port stands if and only if it is not the scheme's default, with all of them.
    signs: names of headers that are safe to sign besides host and x-amz-*; None: all but
    canonical.HOP_HEADERS.
    """

    def __init__(
        self,
        name,
        suffixes="",
        region="any us-east-1",
        addressing="path",
        modes="hash",
        checksums="",
        port="any",
        signs=None,
    ):
        """All are str (signs: str or None), lists with spaces between. Raises: RequestError."""
        self.name = name
        self.suffixes = suffixes
        self.region = region
        self.addressing = addressing
        self.modes = modes
        self.checksums = checksums
        self.port = port
        self.signs = signs
        for mode in modes.split():
            self._one_of("mode", mode, _MODES)
        for checksum in checksums.split():
            self._one_of("checksum", checksum, _CHECKSUMS)
        self._one_of("addressing", addressing, "path virtual")
        self._one_of("port", port, "any default https")

    def but(self, **changes):
        """Return a copy with some fields changed: but(modes="hash chunked")."""
        fields = {}
        for name in "name suffixes region addressing modes checksums port signs".split():
            fields[name] = getattr(self, name)
        fields.update(changes)
        return Profile(**fields)

    def _one_of(self, field, value, known):
        if value not in known.split():
            known = ", ".join(known.split()) or "none"
            text = "%s is not among what %s servers take: %s" % (value, self.name, known)
            raise RequestError(field, text)

    def check_mode(self, mode=None, checksum=None):
        """Refuse what this server is not known to take. Raises: RequestError (mode, checksum).

        mode: as for S3.put_object; None is "hash". checksum: a name, or None.
        """
        self._one_of("mode", mode or "hash", self.modes)
        if checksum is not None:
            self._one_of("checksum", checksum, self.checksums)

    def check_endpoint(self, endpoint, region=None):
        """Refuse an endpoint that can't be right. Raises: RequestError (endpoint, region).

        endpoint: "https://host[:port]". region: str, what is signed for; None: not known yet.
        """
        scheme, host, port = split(endpoint)
        if self.port != "any" and port not in ("", "443" if scheme == "https" else "80"):
            raise RequestError("endpoint", "%s servers have no port %s" % (self.name, port))
        if self.port == "https" and scheme != "https":
            raise RequestError("endpoint", "%s servers take https only" % self.name)
        if region is None or self.region[:3] == "any":
            return
        wanted = self.region_of(endpoint)
        if wanted not in (None, region) and not host.startswith("s3.amazonaws."):
            text = "is %s, but this endpoint is in %s: name that one" % (region, wanted)
            raise RequestError("region", text)

    def region_of(self, endpoint):
        """Return the region to sign for, str; None where only the server's owner can tell."""
        from .region import region_of  # only those who ask pay for it

        return region_of(self, endpoint)

    def family(self, host):
        """Return the suffix that the host is below, str; the host itself where none is known."""
        for suffix in self.suffixes.split():
            if is_below(host, suffix):
                return suffix
        return host

    @property
    def sign_only(self):
        """What Signer(..., sign_only=) wants: a list of names; None: all but hop headers."""
        return None if self.signs is None else self.signs.split()

    def __repr__(self):
        return "<Profile %s>" % self.name


def profile_of(endpoint, profile=None):
    """Return the Profile of an endpoint ("https://host[:port]").

    profile: None: by the host, "generic" for one that is not known; a name; or a Profile, returned.
    Raises: RequestError (profile).
    """
    if profile is not None and not isinstance(profile, str):
        return profile
    host = split(endpoint)[1]
    for line in _PROFILES.split("\n"):
        name, suffixes, region, addressing, modes, checksums, port, *signs = line.split("|")
        if name == profile or profile is None and (is_below(host, suffixes) or name == "generic"):
            modes = modes if modes != "*" else _MODES
            checksums = checksums if checksums != "*" else _CHECKSUMS
            signs = signs[0] if signs else None
            return Profile(name, suffixes, region, addressing, modes, checksums, port, signs)
    raise RequestError("profile", "must be one of: " + ", ".join(names()))


def names():
    """Return the names of the profiles, a list of str."""
    return [line.split("|")[0] for line in _PROFILES.split("\n")]


def split(endpoint):
    """Return (scheme, host, port) of "https://host[:port]", all str; port is "" without one."""
    scheme, _, rest = endpoint.partition("://")
    rest = rest.split("/")[0].split("?")[0].lower()
    end = rest.find("]") + 1  # an IPv6 address has colons of its own
    host, _, port = rest[end:].partition(":")
    return scheme.lower(), rest[:end] + host, port


def is_below(host, suffixes):
    """Return whether a host is one of these domains (str, spaces between), or below one."""
    for suffix in suffixes.split():
        if host == suffix or host.endswith("." + suffix):
            return True
    return False
