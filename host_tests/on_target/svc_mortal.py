"""Power cuts for svc_upload.py: the program ends, without any clean-up, at its n-th event.

An event is a connection asked for or let go, a change of the file system, a checkpoint half on the
medium.
"""

import json
import os
import sys

from sigv4_mp.net import steps
from sigv4_mp.services import checkpoint


def mortal(operation, life, path):
    """Return the operation with a life of that many events. path: of the file it uploads."""
    one = Mortal(life)
    checkpoint.os = Os(one)
    checkpoint.json = Torn(one, path + ".upload.new")
    return one.steps_of(operation)


class Mortal:
    """Ends the program at its n-th event: no finally, no flush, as when the power goes."""

    def __init__(self, life):
        self.life = life
        self.events = 0

    def event(self):
        self.events += 1
        if self.events == self.life:
            sys.stdout.write("dead\n")
            if hasattr(sys.stdout, "flush"):
                sys.stdout.flush()
            os.system("kill -9 $PPID")

    def steps_of(self, operation):
        """Yield what the operation yields, counting."""
        result = None
        while True:
            try:
                step = operation.send(result)
            except StopIteration as end:
                return end.value
            if step.op in (steps.CONNECT, steps.CLOSE):
                self.event()
            result = yield step


class Os:
    """Stands in for os in services/checkpoint.py: each change of the file system is an event."""

    def __init__(self, mortal):
        self.stat = os.stat
        self._mortal = mortal
        if hasattr(os, "fsync"):
            self.fsync = os.fsync

    def rename(self, source, path):
        self._mortal.event()
        os.rename(source, path)
        self._mortal.event()

    def remove(self, path):
        self._mortal.event()
        os.remove(path)
        self._mortal.event()


class Torn:
    """Stands in for json there: of the text that is written, half is on the medium at the cut."""

    def __init__(self, mortal, path):
        self.loads = json.loads
        self._path = path
        self._mortal = mortal

    def dumps(self, record):
        text = json.dumps(record)
        if self._mortal.events + 1 == self._mortal.life:
            with open(self._path, "w") as file:
                file.write(text[: len(text) // 2])
        self._mortal.event()
        return text
