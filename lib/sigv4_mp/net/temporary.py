"""Credentials that are fetched, used, and fetched again before they end.

    credentials = TemporaryCredentials(IotProvider(...), clock)
    s3 = S3(Signer(credentials, "eu-west-1", "s3", clock), endpoint, bucket)
    http.run(s3.put_object("log.txt", "log.txt"))      # fetches first, if need be

`Exchange.run` asks `ensure` before it seals an attempt. Signing without an operation (a presigned
URL) wants `http.run(credentials.ensure())` from time to time.
"""

from ..amzdate import from_seconds, to_seconds
from ..device.lifecycle import PAUSE, Lifecycle
from ..errors import CredentialsError, CredentialsExpired, ServiceError, SigV4Error
from .steps import Io, const

_NAP_MS = const(20)
# What services say of a key or token that they don't take (any more, or yet).
_REFUSALS = (
    " ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidToken InvalidAccessKeyId"
    " InvalidClientTokenId UnrecognizedClientException "
)


class TemporaryCredentials:
    """What a Signer asks of credentials, renewed by a provider. Tasks may share it: one fetches.

    While the provider fails, what is held signs on until LEAST (60) seconds before its end; then
    CredentialsExpired. source: name of the provider that gave what is held, str or None.
    last_error: str, why the latest fetch failed, or None.
    """

    def __init__(self, provider, clock, lifecycle=None, entropy=None):
        """provider: has name and fetch(), an operation that returns Credentials.

        clock: as the Signer's. entropy: a function like os.urandom, the default.
        """
        self.source = self.last_error = None
        self.provider = provider
        self._clock = clock
        self._life = lifecycle or Lifecycle()
        self._entropy = entropy
        self._held = self._retired = None
        self._fetching = self._pause = False

    @property
    def access_key_id(self):
        """As Credentials'. Raises: CredentialsError before the first fetch, and after wipe()."""
        return self._current().access_key_id

    @property
    def session_token(self):
        """As Credentials'; it changes with every fetch."""
        return self._current().session_token

    @property
    def expires_at(self):
        """Unix seconds when what is held ends, int; None where it never does."""
        return self._current().expires_at

    def _current(self):
        if self._held is None:
            text = "are not there yet; run http.run(credentials.ensure()) first"
            raise CredentialsError("credentials", text)
        return self._held

    def signing_key(self, scope_date, region, service):
        """As Credentials'."""
        return self._current().signing_key(scope_date, region, service)

    def check_deadline(self, amz_date, lifetime=None):
        """As Credentials'."""
        self._current().check_deadline(amz_date, lifetime)

    def ensure(self, io=None):
        """Operation. Fetch, if it is time to; wait for another task's fetch only if we must.

        Raises: CredentialsExpired while nothing can be signed and the provider is left alone for a
        while; ClockError; the first time what the provider raises: ServiceError, OSError, ...
        """
        io = io or Io()
        now = self._now()
        while self._fetching:
            if self._held and self._life.usable(now):
                return
            yield io.sleep(_NAP_MS)
            now = self._now()
        usable = self._held is not None and self._life.usable(now)
        if self._life.due(now):
            yield from self._renew(io, now, usable)
        elif not usable:
            raise CredentialsExpired(
                "credentials",
                "ended, and new ones are not to be had; next try in %d s; %s"
                % (self._life.wait(now), self.last_error),
            )

    def _renew(self, io, now, usable):
        self._fetching = True
        try:
            if self._pause:  # a service refused what we hold: it may refuse the next as well
                self._pause = False
                yield io.sleep(PAUSE * 1000)
            new = yield from self.provider.fetch()
            self._take(new)
        except (OSError, SigV4Error) as error:
            # Its text only: an exception holds the frames that it went through.
            self.last_error = "%s: %s" % (type(error).__name__, error)
            self._life.failed(now, self._random())
            if not usable:
                raise
        finally:
            self._fetching = False

    def _take(self, new):
        try:
            new.expires_at = self._life.fetched(self._now(), new.expires_at, self._random())
        except SigV4Error:
            new.wipe()
            raise
        if self._retired:
            self._retired.wipe()
        old = self._held
        if old and old.expires_at is None:
            old = None  # not temporary: somebody else's, who may give them again
        if old:
            old.drop_secret()  # its keys stay: the chunks of a body may still be signed with one
        self._retired = old
        self._held = new
        self.source = getattr(self.provider, "source", None) or self.provider.name
        self.last_error = None

    def refused(self, error, session_token):
        """Return whether a request that was refused is worth a try with other credentials.

        session_token: the one it went with. Called by the exchange.
        """
        if not isinstance(error, ServiceError) or " %s " % error.code not in _REFUSALS:
            return False
        if self._held and session_token is self._held.session_token:
            self._life.refused(self._now())
            self._pause = True
        return True

    def wipe(self):
        """Overwrite what is held. The next operation fetches anew."""
        for credentials in (self._retired, self._held):
            if credentials:
                credentials.wipe()
        self._retired = self._held = None
        self._life.expires_at = self._life.refresh_at = 0

    def _now(self):
        """Unix seconds, int: the latest that it may be, where the clock knows its error."""
        if hasattr(self._clock, "now"):
            return self._clock.now()[1] // 1000
        return to_seconds(self._clock.require(b"sts"))

    def _random(self):
        if self._entropy is None:
            from os import urandom

            return urandom(2)
        return self._entropy(2)

    def __repr__(self):
        if self._held is None:
            return "<TemporaryCredentials of %s, none yet>" % self.provider.name
        end = self._held.expires_at
        return "<TemporaryCredentials %s of %s until %s>" % (
            self._held.access_key_id.decode(),
            self.source,
            "ever" if end is None else from_seconds(end).decode(),
        )
