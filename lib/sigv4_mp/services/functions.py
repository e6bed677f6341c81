"""Readings into a Lambda function, an API Gateway or a function's URL, one a request.

Source: Lambda API reference, Invoke.
"""

from ..encode import uri_encode
from ..errors import ServiceError
from .batch import DELIVERED, rest_batch
from .outcomes import Outcomes


def invoke(client, function, wait=False, size=2048):
    """Return a Batch of one event, JSON, for a Lambda function.

    wait: for what the function does; a function that fails is an error. Else it is queued.
    """
    path = "/2015-03-31/functions/%s/invocations" % uri_encode(function).decode()
    kind = "RequestResponse" if wait else "Event"
    headers = [("Content-Type", "application/json"), ("X-Amz-Invocation-Type", kind)]
    name = "Invoke" if wait else "InvokeAsync"
    return rest_batch(client, name, path, headers, Function(), size, "<json>")


def gateway(client, path, content_type="application/json", size=2048):
    """Return a Batch of one body, any bytes, posted to an API Gateway or a function's URL."""
    return rest_batch(client, "Invoke", path, [("Content-Type", content_type)], None, size)


class Function(Outcomes):
    """Lambda: a 200 whose header says that the function broke down is a failure."""

    def on_head(self, _):
        """Start anew; there is no sink: what a function answers is not read."""

    def on_end(self, response):
        """Raise ServiceError where the function failed."""
        check_function(response)

    def state(self, number):
        """Return DELIVERED."""
        return DELIVERED


def check_function(response, body=b""):
    """Raise ServiceError where a Lambda function failed: its answer is 200 even then."""
    code = response.headers.get("x-amz-function-error")
    if code:
        # As a literal shows it: it may be cut within a character.
        text = "the function failed: " + str(bytes(body[:200]))[2:-1]
        raise ServiceError(response.status, code, text, response.headers.get("x-amzn-requestid"))
