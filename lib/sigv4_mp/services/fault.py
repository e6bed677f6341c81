"""What a service says when it refuses: its XML error body as a ServiceError."""

from ..errors import ProtocolError, ServiceError
from .xml import XmlReader

_ENOUGH = 16384  # bytes of an error body; S3's own stay below that
_QUOTED = "x-amz-security-token"  # as in awsfault.py: STS quotes the canonical request as well


class Fault:
    """Reads an error body. fields: dict of the <Error> element's children, texts cut at 512."""

    def __init__(self):
        self.fields = {}
        self._reader = XmlReader(self._on_element, 512, True)
        self._left = _ENOUGH

    def take(self, buffer, start, end):
        """Take a block. Return True when no more is wanted. A body that isn't XML is no error."""
        self._left -= end - start
        try:
            self._reader.feed(buffer, start, end)
        except ProtocolError:
            return True
        return self._left <= 0

    def _on_element(self, path, text):
        parts = path.split("/")
        # <Error><Code>, or as IAM and STS have it: <ErrorResponse><Error><Code>, <RequestId> after
        if text is not None and len(parts) <= 3 and parts[0] in ("Error", "ErrorResponse"):
            self.fields[parts[-1]] = text

    def error(self, response):
        """Return the ServiceError. Without a code in the body, the status is the code."""
        fields = self.fields
        request_id = fields.get("RequestId") or response.headers.get("x-amz-request-id")
        error = ServiceError(
            response.status,
            fields.get("Code") or str(response.status),
            fields.get("Message", "").split(_QUOTED)[0] or response.reason or "no reason given",
            request_id,
        )
        error.region = fields.get("Region")  # where a wrong one was signed for
        error.server_time = fields.get("ServerTime")  # of RequestTimeTooSkewed
        return error
