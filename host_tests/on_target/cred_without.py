"""A command of cred_client.py: ask the same server, by the same shell, without an identity."""

from sigv4_mp.net.exchange import Exchange
from sigv4_mp.net.fetch import Unsigned
from sigv4_mp.net.retry import Policy


def without(client, command):
    request = Unsigned(
        "GET", "https://%s/role-aliases/uploader/credentials" % client.settings["iot"]
    )
    exchange = Exchange(512, 64, policy=Policy(attempts=1))
    return {"status": client.run(exchange.run(lambda: request)).status}
