"""AWS IoT's provider, for cred_client.py."""


def iot(settings, clock):
    from sigv4_mp.net.identity import ClientIdentity
    from sigv4_mp.net.iot import IotProvider

    identity = ClientIdentity(settings["certificate"], settings["private_key"])
    thing = settings.get("thing_name")
    return IotProvider(settings["iot"], settings.get("alias", "uploader"), identity, thing)
