"""A command of cred_client.py: alter the session token that is held."""


def spoil(client, command):
    """Alter the session token that is held."""
    held = client.credentials._held
    token = held.session_token
    held.session_token = token[:-1] + (b"g" if token[-1:] != b"g" else b"h")
    return {}
