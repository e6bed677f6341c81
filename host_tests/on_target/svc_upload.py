"""Commands of svc_client.py: multipart uploads. "die": n ends the program at its n-th event."""

from svc_put import Probe

from sigv4_mp.services.multipart import Multipart


def upload(client, command):
    probe = Probe()
    operation = Multipart(client.s3, command.get("checksum")).upload(
        command["key"], command["file"], progress=probe, **command.get("options", {})
    )
    if command.get("die"):
        from svc_mortal import mortal

        operation = mortal(operation, command["die"], command["file"])
    response = client.http.run(operation)
    return {"etag": response.etag, "peak": probe.peak}


def abort(client, command):
    from sigv4_mp.services.upload import Upload

    options = command["options"]
    one = Upload(Multipart(client.s3), command["key"], command["file"], **options)
    client.http.run(one.abort())
    return {}
