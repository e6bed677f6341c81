"""An exchange driven from a script on a target: what goes out, and what each kind of fault does."""

import io
from binascii import hexlify
from hashlib import sha256

import _check
from net_script import Peer, Sealed

from sigv4_mp.errors import ProtocolError, RequestError, TamperError
from sigv4_mp.net.exchange import Exchange

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "e"\r\n\r\nhello'
BODY = bytes(range(250)) * 4


def hash_hex(data):
    return hexlify(sha256(data).digest()).decode()


def signed_put(body=BODY):
    return Sealed("PUT", len(body), hash_hex(body))


def check_get():
    peer = Peer(OK, piece=20)
    got = []
    total = []

    def sink(buffer, start, end):
        got.append(bytes(buffer[start:end]))

    def progress(done, length):
        total.append((done, length))

    operation = Exchange().perform(Sealed(), None, lambda response: sink, progress)
    response = peer.run(operation)
    _check.equal("get: body", b"".join(got), b"hello")
    _check.equal("get: progress", total[-1], (5, 5))
    _check.equal(
        "get: response", (response.status, response.reason, response.etag), (200, "OK", '"e"')
    )
    _check.equal("get: head sent", bytes(peer.sent), Sealed().head)
    steps = ["connect https example.com 443", "send", "recv", "recv", "recv", "close"]
    _check.equal("get: steps", peer.steps, steps)


def check_put():
    sealed = signed_put()
    peer = Peer(OK)
    done = []
    operation = Exchange(64, 300).perform(sealed, io.BytesIO(BODY), None, lambda *a: done.append(a))
    _check.equal("put: status", peer.run(operation).status, 200)
    _check.equal("put: bytes", bytes(peer.sent), sealed.head + BODY)
    _check.equal("put: progress", done, [(300, 1000), (600, 1000), (900, 1000), (1000, 1000)])
    _check.true("put: closed", not peer.open)


def check_hash():
    peer = Peer(b"")
    result = peer.run(Exchange(64, 64).hash(io.BytesIO(BODY)))
    _check.equal("hash", result, (hash_hex(BODY), len(BODY)))
    _check.equal("hash: turns given", peer.steps, ["sleep"] * 8)


def check_tampered():
    """Nothing complete is ever sent: short, long, and each single byte changed in turn."""
    changed = [("short by %d" % n, BODY[:-n]) for n in (1, 300, 999, 1000)]
    changed += [("long by %d" % n, BODY + bytes(n)) for n in (1, 300)]
    for at in range(0, len(BODY), 37):
        other = bytearray(BODY)
        other[at] ^= 1
        changed.append(("byte %d" % at, bytes(other)))
    for label, body in changed:
        sealed = signed_put()
        peer = Peer(OK)
        operation = Exchange(64, 300).perform(sealed, io.BytesIO(body))
        _check.raises("tampered, " + label, TamperError, peer.run, operation)
        complete = len(peer.sent) >= len(sealed.head) + len(BODY)
        _check.true("tampered, %s: cut off" % label, not complete and not peer.open)


def check_unsigned_length():
    for label, body in (("short", BODY[:-1]), ("long", BODY + b"x")):
        peer = Peer(OK)
        operation = Exchange().perform(Sealed("PUT", len(BODY)), io.BytesIO(body))
        _check.raises("unsigned, " + label, TamperError, peer.run, operation)
    peer = Peer(OK)
    operation = Exchange().perform(Sealed("PUT", 0), io.BytesIO(b"x"))
    _check.raises("a body where none was signed", TamperError, peer.run, operation)
    _check.raises("no body", RequestError, Peer(OK).run, Exchange().perform(Sealed("PUT", 5)))


def check_early():
    """A server that refuses before it has the body."""
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    for early in (1, 400, 700):
        for piece in (1, 4096):
            sealed = signed_put()
            peer = Peer(b"HTTP/1.1 100 Continue\r\n\r\n" + refusal, piece, early)
            operation = Exchange(64, 10).perform(sealed, io.BytesIO(BODY))
            label = "early 403 at %d by %d" % (early, piece)
            _check.equal(label, peer.run(operation).status, 403)
            if piece > 1:  # one byte a block: the body is out before the answer is read
                stopped = len(peer.sent) < len(sealed.head) + len(BODY)
                _check.true(label + ": sending stopped", stopped)
    operation = Exchange().perform(signed_put(), io.BytesIO(BODY))
    _check.raises("early 200 is no success", ProtocolError, Peer(OK, early=1).run, operation)
    operation = Exchange().perform(signed_put(), io.BytesIO(BODY))
    _check.raises("early garbage", ProtocolError, Peer(b"\0\0", early=1).run, operation)
    operation = Exchange().perform(signed_put(), io.BytesIO(BODY))
    _check.raises("early end", ProtocolError, Peer(b"", early=1).run, operation)


def broken_pipe(answer):
    """Return a peer that stops reading at the second block and has answered by then."""
    # steps: connect, head, recv_now, block, recv_now, block
    peer = Peer(answer, 9, fail={5: OSError(32)})
    peer.recv_now = lambda step: peer.recv(step) if peer.steps.count("send") > 2 else -1
    return peer


def check_broken_pipe():
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"
    operation = Exchange(64, 300).perform(signed_put(), io.BytesIO(BODY))
    _check.equal("broken pipe, with an answer", broken_pipe(refusal).run(operation).status, 400)
    for answer in (b"", b"HTTP/1.1 400", b"\0"):
        operation = Exchange(64, 300).perform(signed_put(), io.BytesIO(BODY))
        error = _check.raises(
            "broken pipe, %r" % answer, OSError, broken_pipe(answer).run, operation
        )
        _check.equal("broken pipe, %r: errno" % answer, error and error.args[0], 32)
    operation = Exchange(64, 300).perform(signed_put(), io.BytesIO(BODY))
    _check.raises("broken pipe, 200", ProtocolError, broken_pipe(OK).run, operation)
    peer = Peer(refusal, fail={5: OSError(32)})
    operation = Exchange(64, 300).perform(signed_put(), io.BytesIO(BODY))
    error = _check.raises("broken pipe, nothing there", OSError, peer.run, operation)
    _check.equal("broken pipe, nothing there: errno", error and error.args[0], 32)


def check_each_step_fails():
    """An OSError at any step comes out, the connection is closed, the Exchange is free again."""
    exchange = Exchange(64, 300)
    count = 0
    while True:
        peer = Peer(OK, piece=30, fail={count: OSError(104)})
        try:
            peer.run(exchange.perform(signed_put(), io.BytesIO(BODY)))
            break
        except OSError as error:
            good = error.args[0] == 104 and peer.steps[-1] == "close" and not peer.open
            _check.true("step %d (%s) fails" % (count, peer.steps[-2]), good)
        count += 1
    _check.true("all steps were tried", count > 10, str(count))


def check_cut_response():
    for at in range(0, len(OK), 7):
        peer = Peer(OK[:at])
        label = "cut at %d" % at
        _check.raises(label, ProtocolError, peer.run, Exchange().perform(Sealed()))
        _check.true(label + ": closed", not peer.open)


def check_plain_http():
    def refused(sealed, allowed):
        peer = Peer(OK)
        error = _check.raises(
            "plain HTTP, insecure_http=%r" % allowed,
            RequestError,
            peer.run,
            Exchange(insecure_http=allowed).perform(sealed),
        )
        _check.equal("names the field", error and error.field, "insecure_http")
        _check.equal("nothing was done", peer.steps, [])

    sealed = Sealed(scheme="http")
    refused(sealed, False)
    _check.equal("allowed", Peer(OK).run(Exchange(insecure_http=True).perform(sealed)).status, 200)
    sealed.session_token = b"token"
    refused(sealed, False)
    refused(sealed, True)
    operation = Exchange(insecure_http="session-token").perform(sealed)
    _check.equal("allowed with token", Peer(OK).run(operation).status, 200)


def check_busy():
    exchange = Exchange()
    first = exchange.perform(Sealed())
    next(first)
    error = _check.raises("two at once", RequestError, next, exchange.perform(Sealed()))
    _check.equal("two at once: field", error and error.field, "operation")
    _check.raises("hash meanwhile", RequestError, next, exchange.hash(io.BytesIO(bytes(9999))))
    first.close()
    _check.equal("free again", Peer(OK).run(exchange.perform(Sealed())).status, 200)


def check_sink():
    def enough(buffer, start, end):
        return True

    def broken(buffer, start, end):
        raise OSError(28)

    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + bytes(100000)
    peer = Peer(endless)
    _check.equal(
        "enough", peer.run(Exchange().perform(Sealed(), None, lambda _: enough)).status, 200
    )
    _check.true("enough: no more was read", peer.at < 5000 and not peer.open)
    peer = Peer(endless)
    error = _check.raises(
        "sink fails", OSError, peer.run, Exchange().perform(Sealed(), None, lambda _: broken)
    )
    _check.true("sink fails: closed", error and error.args[0] == 28 and not peer.open)


def check_unbounded():
    """A success whose end nothing marks is no success, if somebody wants its body."""
    raw = b"HTTP/1.0 200 OK\r\n\r\nabc"
    got = []

    def sink(buffer, start, end):
        got.append(bytes(buffer[start:end]))

    operation = Exchange().perform(Sealed(), None, lambda _: sink)
    _check.raises("unbounded success", ProtocolError, Peer(raw).run, operation)
    _check.equal("unbounded success: nothing was delivered", got, [])
    _check.equal("unbounded, dropped", Peer(raw).run(Exchange().perform(Sealed())).status, 200)
    raw = b"HTTP/1.0 500 Oops\r\n\r\nabc"
    operation = Exchange().perform(Sealed(), None, lambda _: sink)
    _check.equal(
        "unbounded error", (Peer(raw, 1).run(operation).status, b"".join(got)), (500, b"abc")
    )


def main():
    check_get()
    check_put()
    check_hash()
    check_tampered()
    check_unsigned_length()
    check_early()
    check_broken_pipe()
    check_each_step_fails()
    check_cut_response()
    check_plain_http()
    check_busy()
    check_sink()
    check_unbounded()
    _check.done()


main()
