"""Providers that need no network of ours, and the chain that asks one after another."""

from ..device.credentials import Credentials
from ..errors import CredentialsError, RequestError, SigV4Error


class StaticProvider:
    """Gives the credentials that it was given, such as ScopedKeys or a user's own key."""

    name = "static"

    def __init__(self, credentials):
        """credentials: Credentials, or None for a link of a chain that is not configured."""
        self._credentials = credentials

    def fetch(self):
        """Operation. Return Credentials. Raises: CredentialsError (provider) without any."""
        if self._credentials is None:
            raise CredentialsError("provider", "no credentials are configured")
        return self._credentials
        yield


class CallbackProvider:
    """Asks a function of yours."""

    name = "callback"

    def __init__(self, function, name="callback"):
        """function: returns Credentials, the arguments for them as a tuple, None for "I have none",
        or an operation that returns one of these."""
        self.name = name
        self._function = function

    def fetch(self):
        """Operation. Return Credentials. Raises: what the function raises; CredentialsError."""
        given = self._function()
        if hasattr(given, "send"):
            given = yield from given
        if given is None:
            raise CredentialsError("provider", "the callback has none")
        if isinstance(given, tuple):
            given = Credentials(*given)
        if not hasattr(given, "signing_key"):
            raise RequestError("provider", "the callback must return Credentials or a tuple")
        return given


class Chain:
    """Asks providers in turn; the first that has credentials is kept from then on.

    source: name of the one that gave them, or None. skipped: list of (name, why), the others that
    were asked before. A provider that has none says so with a CredentialsError; any other failure
    (a network that is down, a refusal) ends the fetch, lest a device turn into somebody else
    because a server was busy. go_on=True takes the next one after those, too, and begins with the
    first each time.
    """

    name = "chain"

    def __init__(self, *providers, go_on=False):
        """providers: at least one. Raises: RequestError."""
        if not providers:
            raise RequestError("providers", "must be one or more")
        self._providers = providers
        self._go_on = go_on
        self._kept = None
        self.source = None
        self.skipped = []

    def fetch(self):
        """Operation. Return Credentials.

        Raises: CredentialsError (provider) if none has any, with the reason of each; without go_on
        what a provider raises.
        """
        if self._kept:
            return (yield from self._kept.fetch())
        self.skipped = []
        self.source = None
        for provider in self._providers:
            try:
                found = yield from provider.fetch()
            except (OSError, SigV4Error) as error:
                if not self._go_on and not isinstance(error, CredentialsError):
                    raise
                self.skipped.append((provider.name, str(error)))
            else:
                self.source = provider.name
                if not self._go_on:
                    self._kept = provider
                return found
        reasons = "; ".join(["%s: %s" % pair for pair in self.skipped])
        raise CredentialsError("provider", "none has credentials: " + reasons)
