"""A command of cred_client.py: the highest live heap while credentials are fetched."""

import gc

from sigv4_mp.net.http import Http


class Watching(Http):
    peak = 0

    def _perform(self, step):
        result = super()._perform(step)
        gc.collect()
        self.peak = max(self.peak, gc.mem_alloc())
        return result


def peak(client, command):
    shell = Watching(60, ca_file=client.settings["ca_file"])
    gc.collect()
    before = gc.mem_alloc()
    shell.run(client.credentials.ensure())
    found = shell.peak
    shell = None
    gc.collect()
    return {"before": before, "peak": found, "after": gc.mem_alloc()}
