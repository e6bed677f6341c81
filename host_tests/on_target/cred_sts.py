"""The providers of cred_client.py that are not IoT's."""


def static(settings):
    from sigv4_mp.device.credentials import Credentials

    key = settings["access_key_id"]
    return Credentials(key, settings["secret_access_key"], settings.get("session_token"))


def role(settings, clock):
    from sigv4_mp.services.sts import AssumeRole

    source = static(settings)
    more = {"endpoint": settings["sts"], "duration": settings.get("duration", 3600)}
    return AssumeRole(source, clock, "us-east-1", settings["role_arn"], "device-1", **more)


def session(settings, clock):
    from sigv4_mp.services.sts import GetSessionToken

    return GetSessionToken(static(settings), clock, "us-east-1", endpoint=settings["sts"])


def web(settings, clock):
    from sigv4_mp.services.sts import AssumeRoleWithWebIdentity

    token = settings["web_token"].encode()
    arn = settings["role_arn"]
    return AssumeRoleWithWebIdentity("us-east-1", arn, "device-1", token, endpoint=settings["sts"])


def cognito(settings, clock):
    from sigv4_mp.services.cognito import CognitoProvider

    return CognitoProvider("us-east-1", settings["pool"], endpoint=settings["sts"])


def given(settings, clock):
    from sigv4_mp.net.chain import StaticProvider

    return StaticProvider(static(settings))
