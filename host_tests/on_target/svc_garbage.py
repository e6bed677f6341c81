"""A command of svc_client.py: what an upload leaves behind for the collector."""

import gc

from svc_put import options_of, put


class Pattern:
    """A source that leaves nothing behind itself."""

    def readinto(self, buffer):
        buffer[0] = 1
        return len(buffer)


class Two:
    """Notes the heap in use at two calls far apart; keeps nothing in between."""

    skip = 20

    def __init__(self):
        self.calls = self.first = self.last = self.done = self.at = 0

    def __call__(self, done, _total):
        self.calls += 1
        if self.calls == self.skip:
            self.at = done
            self.first = gc.mem_alloc()
        elif self.at and not self.last and done - self.at >= 40000:  # some five chunks of 8 KiB
            self.last = gc.mem_alloc()
            self.done = done


def garbage(client, command):
    """Bytes that are left behind while a known number of bytes is sent, the collector off."""
    put(client, command)
    two = Two()
    operation = client.s3.put_object(command["key"], Pattern(), progress=two, **options_of(command))
    gc.collect()
    gc.disable()
    gc.threshold(-1)
    try:
        client.http.run(operation)
    finally:
        gc.enable()
        gc.threshold(4096)
    return {"bytes": two.last - two.first, "sent": two.done - two.at}
