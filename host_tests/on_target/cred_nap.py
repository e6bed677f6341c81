"""A command of cred_client.py: let time go by."""

import time


def nap(client, command):
    time.sleep(command["seconds"])
    return {}
