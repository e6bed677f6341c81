"""A folder in RAM for the spool's tests: it loses power at the n-th event, fills up, and fails.

Two kinds. "whole": as littlefs, a file changes as a whole when it is flushed, a rename is one step.
"torn": as FAT at its worst, an append is cut anywhere and rubbish may lie behind it, a rename is
two steps. What a cut leaves is decided by `choose`, a function n -> 0..n-1.
"""

_ids = [0]


def entropy(size):
    """Stand in for os.urandom, which not every port has: never the same twice."""
    _ids[0] += 1
    return bytes([_ids[0] * (i + 3) & 255 for i in range(size)])


class PowerCut(Exception):
    """The power has gone; whoever still runs is not there any more."""


class Ram:
    """As services/folder.py's Folder. files: {name: bytearray}, what is on the medium.

    life: events left until the power goes, or None. capacity: bytes in all, or None.
    failing: {method: errno}: what that method raises. events, written: int, so far.
    """

    def __init__(self, kind="whole", choose=None, files=None):
        self.kind = kind
        self.files = {} if files is None else files
        self.choose = choose or (lambda n: n // 2)
        self.life = self.capacity = None
        self.failing = {}
        self.events = self.written = self.calls = 0
        self._early = bytearray()  # added, not flushed yet
        self._open = None

    def again(self):
        """Return what is found after a reset."""
        return Ram(self.kind, self.choose, self.files)

    def sizes(self):
        return {name: len(data) for name, data in self.files.items()}

    def size(self, name):
        return len(self.files[name]) if name in self.files else -1

    def read(self, name, offset, view):
        self._fail("read")
        if name not in self.files:
            raise OSError(2, "no such file")
        data = self.files[name][offset : offset + len(view)]
        view[: len(data)] = data
        return len(data)

    def append(self, name, buffer, length, durable=True):
        self._fail("append")
        if self._open != name:
            self._early = bytearray()
            self._open = name
        if name not in self.files:
            self._event()
            self.files[name] = bytearray()
        self._early.extend(memoryview(buffer)[:length])
        if not durable:
            return
        data, self._early = self._early, bytearray()
        if self.capacity is not None and self._full(len(data)):
            self._open = None
            if self.kind == "torn":
                self.files[name].extend(data[: self.choose(len(data))])
            raise OSError(28, "no space")
        self._event(lambda: self._tear(name, data))
        self.files[name].extend(data)
        self.written += len(data)
        self._event()

    def replace(self, name, data):
        self._fail("replace")
        data = bytearray(data)
        if self.capacity is not None and self._full(len(data)):
            raise OSError(28, "no space")
        self._event(lambda: self._tear(name + ".new", data, True))
        self.files[name + ".new"] = data
        self.written += len(data)
        self._move(name + ".new", name)

    def rename(self, name, new):
        self._fail("rename")
        self._move(name, new)

    def remove(self, name):
        self._event()
        self.files.pop(name, None)
        self._event()

    def close(self):
        self._open = None

    def _move(self, name, new):
        self._event()
        if self.kind == "torn":
            self.files.pop(new, None)
            self._event()
        self.files[new] = self.files.pop(name)
        self._event()

    def _full(self, more):
        return sum(map(len, self.files.values())) + more > self.capacity

    def _fail(self, method):
        self.calls += 1
        if method in self.failing:
            self._open = None
            self._early = bytearray()
            raise OSError(self.failing[method], "failed")

    def _event(self, tear=None):
        """One moment at which the power may go."""
        if self.life is not None and self.life <= 0:
            raise PowerCut()  # a second one: who caught the first is dead, too
        self.events += 1
        if self.life is None:
            return
        self.life -= 1
        if self.life == 0:
            if tear and self.kind == "torn":
                tear()
            raise PowerCut()

    def _tear(self, name, data, fresh=False):
        """Leave some of the data on the medium, and perhaps rubbish behind it."""
        if fresh:
            self.files[name] = bytearray()
        file = self.files[name]
        file.extend(data[: self.choose(len(data) + 1)])
        stale = [bytes(one) for one in self.files.values() if len(one) > 64]
        if stale and self.choose(2):  # a cluster that belonged to another file
            old = stale[self.choose(len(stale))]
            file.extend(old[: self.choose(len(old))])
        elif self.choose(2):
            file.extend(bytes(self.choose(40)))
