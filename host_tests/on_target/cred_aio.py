"""The shell of cred_client.py under asyncio."""

import asyncio

from sigv4_mp.net import aio


def run(operation, settings):
    options = {"timeout": settings.get("timeout", 60), "ca_file": settings["ca_file"]}
    return asyncio.run(aio.run(operation, **options))
