"""Commands of svc_client.py: ranges, downloads, copies, deletions."""

from binascii import hexlify


def get(client, command):
    operation = client.s3.get_object(command["key"], **command.get("options", {}))
    response = client.http.run(operation)
    return {"body": hexlify(response.body).decode(), "status": response.status}


def download(client, command):
    operation = client.s3.download(command["key"], command["path"], command.get("sha256"))
    response = client.http.run(operation)
    return {"status": response and response.status}


def copy(client, command):
    options = command.get("options", {})
    operation = client.s3.copy_object(command["source"], command["key"], **options)
    return {"etag": client.http.run(operation).etag}


def delete_many(client, command):
    failed = client.http.run(client.s3.delete_objects(command["keys"]))
    return {"failed": [list(one) for one in failed]}
