"""What a service says when it refuses: JSON (its code in the body or a header), or XML.

Source: AWS JSON 1.0/1.1 and REST-JSON protocols, "Operation error serialization": the code stands
in `x-amzn-errortype`, `__type` or `code`, maybe after "namespace#" and before ":http://...".
"""

from ..errors import ProtocolError, ServiceError
from .jsonin import JsonReader

_ENOUGH = 16384  # bytes of an error body
# To InvalidSignatureException services add the canonical request that they expected, header by
# header. From here on the text would show the session token.
_QUOTED = "x-amz-security-token"


class AwsFault:
    """Reads an error body. fields: dict of what it says, by lower-case name."""

    def __init__(self):
        self.fields = {}
        self._reader = None
        self._left = _ENOUGH

    def take(self, buffer, start, end):
        """Take a block. Return True when no more is wanted. A body of another kind is no error."""
        if self._reader is None:
            if buffer[start] == 60:  # "<"
                from .fault import Fault  # its XML parser is loaded by those who need it

                self._reader = Fault()
            else:
                names = ("__type", "code", "message", "Code", "Message")
                self._reader = JsonReader(self._on_value, names, 512, True)
        self._left -= end - start
        try:
            if hasattr(self._reader, "take"):
                return self._reader.take(buffer, start, end) or self._left <= 0
            self._reader.feed(buffer, start, end)
        except ProtocolError:
            return True
        return self._left <= 0

    def _on_value(self, path, text):
        if len(path) == 1 and text and text != "null":
            self.fields[path[0].lower()] = text

    def error(self, response):
        """Return the ServiceError. Where the service gave no code, the status is the code."""
        if hasattr(self._reader, "take"):
            return self._reader.error(response)
        headers = response.headers
        fields = self.fields
        code = headers.get("x-amzn-errortype") or fields.get("__type") or fields.get("code")
        code = (code or "").split(":")[0].split("#")[-1].strip()
        return ServiceError(
            response.status,
            code or str(response.status),
            fields.get("message", "").split(_QUOTED)[0] or response.reason or "no reason given",
            headers.get("x-amzn-requestid") or headers.get("x-amz-request-id"),
        )
