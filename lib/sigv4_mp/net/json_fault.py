"""What a provider says when it refuses, in JSON."""

from ..device.json_fields import JsonFields
from ..errors import ProtocolError, ServiceError

_SAID = 512  # bytes of an error's text


class JsonFault:
    """What a provider says when it refuses: JSON with a message, or the status alone."""

    def __init__(self):
        self._data = bytearray()

    def take(self, buffer, start, end):
        """Take a block. Return True when no more is wanted."""
        self._data.extend(memoryview(buffer)[start:end])
        return len(self._data) > 4096

    def error(self, response):
        """Return the ServiceError."""
        code = response.headers.get("x-amzn-errortype", "")
        text = None
        try:
            fields = JsonFields(self._data)
            code = code or fields.get("__type") or fields.get("code") or fields.get("Code") or ""
            text = fields.get("message") or fields.get("Message")
        except ProtocolError:
            text = None
        code = code.split(":")[0].split("#")[-1] or str(response.status)
        text = (text or response.reason or "no reason given")[:_SAID]
        request_id = response.headers.get("x-amzn-requestid")
        return ServiceError(response.status, code, text, request_id)
