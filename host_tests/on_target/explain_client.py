"""A client with a wrong secret, watched: what it prints of its refusals."""

import gc
import json
import sys

if hasattr(gc, "threshold"):
    gc.threshold(4096)  # before the imports, as README.md tells who has a small heap

from sigv4_mp import S3, Credentials, Signer, SystemClock, http
from sigv4_mp.errors import ServiceError
from sigv4_mp.explain_watch import watch


def main():
    settings = json.loads(sys.stdin.readline())
    keys = Credentials(settings["access_key_id"], settings["secret_access_key"])
    signer = Signer(keys, settings["region"], "s3", SystemClock())
    s3 = S3(signer, settings["endpoint"], settings["bucket"], insecure_http=True)
    seen = watch(s3)
    try:
        http.run(s3.put_object("depot/a b", b"what a sensor says"))
    except ServiceError as error:
        answer = {"code": error.code}
        gc.collect()
        try:
            found = seen.explain(error)
            answer["cause"] = found.cause
            answer["text"] = str(found)
        except MemoryError as full:
            answer["cause"] = "no memory: %s" % full
        print(json.dumps(answer))
    seen.forget()


main()
