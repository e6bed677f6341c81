"""Retries, policy and operations, from a script with no socket: on every target."""


def test_on_target(target):
    target.run("net_retry.py", heap="1m").check()
