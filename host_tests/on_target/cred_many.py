"""A command of cred_client.py: clients at once, as tasks that share the credentials."""


def many(client, command):
    """Upload with several clients at once, as tasks that share the credentials."""
    import asyncio

    from sigv4_mp.net import aio
    from sigv4_mp.services.s3 import S3
    from sigv4_mp.signer import Signer

    settings = client.settings

    async def one(number):
        signer = Signer(client.credentials, "us-east-1", "s3", client.clock)
        s3 = S3(signer, settings["s3"], settings["bucket"], profile="minio")
        async with aio.Aio(timeout=60, ca_file=settings["ca_file"]) as shell:
            await shell.run(s3.put_object(command["key"] + str(number), b"x"))

    async def all_of_them():
        await asyncio.gather(*[one(number) for number in range(command["count"])])

    asyncio.run(all_of_them())
    return {"done": command["count"]}
