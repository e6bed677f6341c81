"""The asyncio shell of svc_client.py; apart, for the heap of those that do without."""

import asyncio

from sigv4_mp.net import aio


class InCompany:
    """Runs operations with the asyncio shell, as Http does with the blocking one."""

    def __init__(self, **options):
        self._options = options

    def run(self, operation):
        return asyncio.run(aio.run(operation, **self._options))
