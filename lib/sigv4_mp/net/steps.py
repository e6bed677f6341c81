"""What an operation asks of the shell that drives it.

An operation is a plain generator: it yields *what it needs* and gets the result sent back.

    used = yield io.connect(scheme, host, port) be connected; "https" is verified TLS, "udp" UDP;
                                                true: over a connection that was used before
    yield io.send(buffer, length)               all of buffer[:length] is on its way
    at = yield io.send(buffer, length, at, True)     up to the new `at`: there the peer talks back
    n = yield io.recv(buffer, length, least)    1..length bytes are in buffer; 0: the peer closed
    n = yield io.recv_now(buffer, length, least)     the same without waiting; -1: nothing there now
    yield io.close()                            no connection; harmless without one
    yield io.close(True)                        done with it: the shell may keep it for the next one
    yield io.sleep(ms)                          0: let other tasks run
    ms = yield io.ticks()                       monotonic, wraps at 2**30: compare with ticks_diff
    them = yield io.resolve("udp", host, port)  a list of (text, address), one for each address
    yield io.connect("udp", host, port, address)     to that one only

One Io is changed and yielded again and again: a step allocates nothing. What fails is raised inside
the operation (OSError for the network, ProtocolError for a certificate); `io.error` is the latest
of these, so that an OSError of a file can be told from one of the network. The shell owns the
connection: what was not given back by close(True) is closed when the operation ends.

`least` is how many more bytes the peer must send in any case. MicroPython's `readinto` goes on
until it has all that it was asked for, forgets what it has when the connection then breaks, and
swallows the end of a TLS stream that comes after data; so it is never asked for more than `least`.
"""

try:
    from micropython import const
except ImportError:  # CPython

    def const(value):
        """Return value; a constant to MicroPython's compiler."""
        return value


CONNECT = const(0)
SEND = const(1)
RECV = const(2)
RECV_NOW = const(3)
CLOSE = const(4)
SLEEP = const(5)
TICKS = const(6)
RESOLVE = const(7)

_PERIOD = const(0x40000000)
_HALF = const(0x20000000)


class Io:
    """The next step, as data. `op` says which; the other fields are its arguments."""

    def __init__(self):
        self.op = CLOSE
        self.scheme = self.host = self.buffer = self.error = self.address = None
        self.identity = None  # a ClientIdentity, for the servers that ask who we are
        self.port = self.start = self.length = self.least = self.ms = 0
        self.listen = self.keep = False

    def connect(self, scheme, host, port, address=None):
        """Be connected. scheme: "https", "http", "udp". host: str, no brackets. port: int.

        address: of a result of resolve(), the only one to try; None tries all of the host.
        Result: true where the connection served an earlier operation; it may be stale.
        """
        self.resolve(scheme, host, port)
        self.op = CONNECT
        self.address = address
        return self

    def resolve(self, scheme, host, port):
        """Look a name up. Result: list of (text, address): to be shown, and to be given back."""
        self.op = RESOLVE
        self.scheme = scheme
        self.host = host
        self.port = port
        return self

    def send(self, buffer, length, start=0, listen=False):
        """Send buffer[start:length], all of it. The buffer may be changed once the step is done.

        listen: stop where the peer takes no more, but has something to say. Result: where in the
        buffer sending has come to; None stands for length.
        """
        self.op = SEND
        self.buffer = buffer
        self.length = length
        self.start = start
        self.listen = listen
        return self

    def recv(self, buffer, length, least=1):
        """Receive at least one byte and at most length; result 0 means the peer closed."""
        self.op = RECV
        self.buffer = buffer
        self.length = length
        self.least = least
        return self

    def recv_now(self, buffer, length, least=1):
        """As recv, but never wait: result -1 when there is nothing. A shell may always say -1."""
        self.recv(buffer, length, least)
        self.op = RECV_NOW
        return self

    def close(self, keep=False):
        """Be done with the connection, if there is one.

        keep: nothing is under way on it, and the peer leaves it open; a shell may still close it.
        """
        self.op = CLOSE
        self.keep = keep
        return self

    def sleep(self, ms):
        """Wait ms milliseconds."""
        self.op = SLEEP
        self.ms = ms
        return self

    def ticks(self):
        """Ask for the monotonic time in milliseconds, 0..2**30-1."""
        self.op = TICKS
        return self


def ticks_diff(later, earlier):
    """Return the signed milliseconds from one io.ticks() to another, right to +-6.2 days."""
    return ((later - earlier + _HALF) & (_PERIOD - 1)) - _HALF


def drive(operation, perform):
    """Run an operation to its end and return its result: the heart of a blocking shell.

    perform: called with each step, returns its result. Its errors are raised in the operation.
    """
    try:
        step = next(operation)
        while True:
            try:
                result = perform(step)
            except Exception as error:
                step.error = error
                step = operation.throw(error)
            else:
                step = operation.send(result)
    except StopIteration as end:
        return end.value
    finally:
        operation.close()
