"""The blocking shell: drives an operation over a socket, with TLS that always verifies.

from sigv4_mp.net import http
http.run(s3.put_object("log.txt", "log.txt"), ca_file="ca.pem")

with http.Http(ca_file="ca.pem") as shell:  # one connection for all of these
    shell.run(s3.put_object("a", b"1"))
    shell.run(s3.put_object("b", b"2"))
"""

from .shell import PENDING, Shell, port
from .steps import drive


class Http(Shell):
    """Runs operations, one at a time, with the settings of Shell. Close it, or use `with`."""

    def run(self, operation):
        """Run an operation (a generator, such as s3.put_object(...)) and return its result.

        Raises: what the operation raises; OSError when the network fails or is too slow
        (ETIMEDOUT); ProtocolError when the certificate is not accepted. No connection stays open
        but one that is worth keeping.
        """
        self._start()
        try:
            return drive(operation, self._perform)
        finally:
            self._finish()

    def iterate(self, listing):
        """Yield the entries of a listing (s3.list_objects_v2(...)), fetching page after page."""
        while not listing.finished:
            yield from self.run(listing.next_page())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _perform(self, step):
        result = self._begin(step)
        while result == PENDING:
            if not self._wants:
                port.sleep_ms(self._ms)
                return None
            self._ready = self._socket.wait(self._wants, self._ms)
            result = self._steps[step.op](step)
        return result


def run(operation, **settings):
    """Run one operation with a shell of its own; settings as for Http. No connection stays open."""
    with Http(**settings) as shell:
        return shell.run(operation)


def iterate(listing, **settings):
    """Yield the entries of a listing; settings as for Http."""
    with Http(**settings) as shell:
        yield from shell.iterate(listing)
