"""Sign many requests with one Credentials: its cache of signing keys must never mix them up.

In: JSON lines [region, service, amz_date]. Out: a signature a line.
"""

import json
import sys

from sigv4_mp import Credentials, Signer

credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
for line in sys.stdin:
    region, service, amz_date = json.loads(line)
    signer = Signer(credentials, region, service)
    print(signer.sign("GET", "https://example.com/", amz_date=amz_date).signature)
