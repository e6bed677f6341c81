"""The grid: a fault at every boundary of request and response, and what must hold after each.

    with Way("plain", target, swift, boto) as way:
        way.grid(step=1024, attempts=1)         # raises AssertionError with all that went wrong
        way.outcomes                            # Counter of (operation, fault, where, outcome)

What must hold, whatever struck: the right class of error; no descriptor left open; a file appears
under its name only when it is whole, else what was there before stays; an object is stored whole or
not at all; the server got no complete request where the request was cut.
"""

import contextlib
import errno
import hashlib
import itertools
import os
from collections import Counter

from fault_tools import BODY, OLD, STALL_S, FaultClient
from tools.servers.fault_proxy import Fault, FaultProxy

WAYS = ("plain", "inside-tls", "tls-bytes")
KINDS = ("reset", "fin", "stall", "short", "garbage")
ETAG = '"%s"' % hashlib.md5(BODY).hexdigest()
SHA256 = hashlib.sha256(BODY).hexdigest()
_names = itertools.count()

# What a fault may come out as where nothing is retried; the numbers are errnos. A stream that just
# ends is bad HTTP, one that is reset is the network's; a cut request shows as either.
ERRORS = {
    ("reset", "request"): ("OSError", "ProtocolError"),
    ("reset", "response"): ("OSError", "ProtocolError"),
    ("fin", "request"): ("OSError", "ProtocolError"),
    ("fin", "response"): ("OSError", "ProtocolError"),
    ("stall", "request"): ("ETIMEDOUT",),
    ("stall", "response"): ("ETIMEDOUT",),
    ("garbage", "request"): ("ServiceError", "OSError", "ProtocolError", "ETIMEDOUT"),
    ("garbage", "response"): ("ProtocolError",),
}
# Garbage there is a bad record, or no certificate; or a length that more is waited for.
_OVER_TLS = ("OSError", "ProtocolError", "ETIMEDOUT")


def boundaries(total, step):
    """Return where to break a stream of `total` bytes: first, in the head, each step's, last."""
    return sorted({0, min(100, total - 1), total - 1, *range(step, total, step)})


def outcome_of(answer):
    """Return what came of a command, str: "ok", "ETIMEDOUT", or the error's class."""
    if answer.get("ok"):
        return "ok"
    if answer["os"]:
        return "ETIMEDOUT" if answer["errno"] == errno.ETIMEDOUT else "OSError"
    return answer["error"]


class Way:
    """A client on a target, a real server, and the proxies of one of WAYS between them.

    shell: "http" or "aio". clean: {operation: (bytes of the request, of the response)}.
    """

    def __init__(self, way, target, server, boto, shell="http"):
        self.way, self.shell = way, shell
        self._target, self._server, self._boto = target, server, boto
        self.bucket = "faults-%d-%d" % (os.getpid(), next(_names))
        self.outcomes = Counter()
        self.wrong = []
        self.stored = {}  # key -> whether it must (True), must not (False) or may (None) be there
        self.clean = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._boto.create_bucket(Bucket=self.bucket)
            leaf = None if self.way == "plain" else os.path.join(self._server.tls_dir, "server")
            window = 2048 if self.way == "plain" else None
            self.inner = FaultProxy(self._server.http_url, leaf=leaf, window=window)
            self.outer = stack.enter_context(self.inner)
            if self.way == "tls-bytes":
                self.outer = stack.enter_context(FaultProxy(self.inner.url))
            self.client = FaultClient(self._target, self._server, self.bucket)
            stack.enter_context(self.client)
            self._measure()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _measure(self):
        """Learn how long the streams are, from exchanges that nothing happens to."""
        self._boto.put_object(Bucket=self.bucket, Key="whole", Body=BODY)
        for do in ("put", "get"):
            answer, outer, _ = self.ask(None, do)
            assert answer.get("ok"), answer
            self.clean[do] = (outer[0].sent, outer[0].received)
        self.clean["download"] = self.clean["get"]

    def ask(self, fault, do, **more):
        """Do one command, the fault upon its first connection; return (answer, outer, inner):
        the connections that the outermost and the innermost proxy saw."""
        name = "%s-%d" % (do, next(_names))
        command = dict({"key": "whole", "into": name}, **more)
        if do == "put":
            command = dict({"key": name, "file": "body"}, **more)
        elif "into" not in more:
            self.client.place(name)
        self.outer.script(*([fault] if fault else []))
        answer = self.client.ask(do=do, endpoint=self.outer.url, shell=self.shell, **command)
        answer["command"] = command
        outer = self.outer.settle()
        inner = outer if self.outer is self.inner else self.inner.settle()
        return answer, outer, inner

    def grid(self, step, attempts, operations=("put", "get"), kinds=KINDS):
        """Strike at each boundary; return the number of cases. Raises: AssertionError."""
        cases = 0
        for do, where, kind in itertools.product(operations, ("request", "response"), kinds):
            total = self.clean[do][where == "response"]
            for at in boundaries(total, step):
                self._case(Fault(kind, where, at), do, attempts)
                cases += 1
        self._check_server()
        assert not self.wrong, "\n".join(self.wrong)
        return cases

    def _case(self, fault, do, attempts):
        patience = self._patience(fault, attempts)
        more = {"sha256": SHA256} if do == "download" else {}
        answer, outer, inner = self.ask(fault, do, attempts=attempts, timeout=patience, **more)
        outcome = outcome_of(answer)
        self.outcomes[do, fault.kind, fault.where, outcome] += 1
        for rule in (self._right_class, self._left_nothing, self._nothing_partial):
            why = rule(fault, do, attempts, answer, outer, inner)
            if why:
                self.wrong.append("%s of %r, %s: %s; %r" % (do, fault, outcome, why, answer))

    def _patience(self, fault, attempts):
        """Return the client's timeout in seconds. What is to succeed must not run into a short one
        on a busy machine; a server may wait for the rest of what garbage made of a request."""
        if fault.kind == "stall" and attempts == 1:
            return STALL_S
        return 6 * STALL_S if fault.kind in ("stall", "garbage") else 20

    def _right_class(self, fault, do, attempts, answer, outer, _):
        outcome = outcome_of(answer)
        struck = outer and outer[0].fired
        if outcome == "ok":
            harmless = fault.kind == "short" or not struck or attempts > 1
            # A ticket or a close_notify that is lost harms nobody; plain GETs have no check.
            unseen = self.way == "tls-bytes" or self._unseen(fault, do)
            return None if harmless or unseen else "it was not noticed"
        if fault.kind == "short" or not struck:
            return "it should have succeeded"
        if attempts > 1 and not self._final(fault, do):
            return "it should have been tried again"
        wanted = ERRORS[fault.kind, fault.where]
        if fault.kind == "garbage" and self.way == "tls-bytes":
            wanted = _OVER_TLS
        return None if outcome in wanted else "wanted one of %s" % (wanted,)

    def _unseen(self, fault, do):
        """Garbage in the body of a GET: only TLS, or a hash that was promised, can tell."""
        in_body = fault.at >= self.clean["get"][1] - len(BODY)
        return fault.kind == "garbage" and fault.where == "response" and do == "get" and in_body

    def _final(self, fault, do):
        """Whether trying again is not for the library to decide: what garbage made of a request is
        another request, refused; a hash that is wrong and a certificate that is none stay so."""
        return fault.kind == "garbage" and (
            fault.where == "request" or do == "download" or self.way == "tls-bytes"
        )

    def _left_nothing(self, fault, do, attempts, answer, outer, inner):
        if answer["open"]:
            return "%d descriptors left open" % answer["open"]

    def _nothing_partial(self, fault, do, attempts, answer, outer, inner):
        command, ok = answer["command"], answer.get("ok")
        if do == "put":
            whole = sum(connection.complete for connection in inner)
            cut = fault.where == "request" and fault.kind in ("reset", "fin", "stall")
            # What garbage made of a request, the server answers as it likes, but never stores.
            self.stored[command["key"]] = bool(ok) or (None if whole and not cut else False)
            if cut and outer and outer[0].fired and inner and inner[0].complete:
                return "the server got the whole of a cut request"
            return None
        content = self.client.content(command["into"])
        if ok and not self._unseen(fault, do) and content != BODY:
            return "the file is not what was stored"
        if not ok and content != OLD:
            return "the older file is gone"
        if do == "get" and (self.client.folder / (command["into"] + ".part")).exists():
            return "the .part was left behind"

    def stored_keys(self):
        """Return what is stored, a dict of key -> ETag."""
        pages = self._boto.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {e["Key"]: e["ETag"] for page in pages for e in page.get("Contents", [])}

    def _check_server(self):
        """Compare what is stored with what may be; an object that is there must be whole."""
        there = self.stored_keys()
        for key, wanted in self.stored.items():
            if wanted is not None and wanted != (key in there):
                self.wrong.append("%s: stored %s, wanted %s" % (key, key in there, wanted))
            if there.get(key, ETAG) != ETAG:
                self.wrong.append("%s: stored, but not what was sent" % key)
