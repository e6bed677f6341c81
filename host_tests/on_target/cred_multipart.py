"""A command of cred_client.py: credentials change while a file goes up in parts."""

from sigv4_mp.services.multipart import Multipart

_PART = 65536


def multipart(client, command):
    with open("big", "wb") as file:
        for number in range(command["parts"]):
            for _ in range(_PART // 1024):
                file.write(bytes((number,)) * 1024)
    keys = set()

    def progress(done, total):
        keys.add(client.credentials.access_key_id.decode())
        if done > _PART and len(keys) == 1:  # amid the second part: the next request renews them
            client.credentials._life.refresh_at = 0

    upload = Multipart(client.s3()).upload(
        command["key"], "big", part_size=_PART, min_part=_PART, progress=progress
    )
    response = client.run(upload)
    return {"etag": response.etag, "keys": len(keys)}
