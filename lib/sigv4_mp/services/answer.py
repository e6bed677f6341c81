"""Small XML answers: what a 200 says, and the error that some 200s hold instead.

Source: S3 API reference, CompleteMultipartUpload and CopyObject: "a 200 OK response can contain
either a success or an error".
"""

from ..errors import ProtocolError, ServiceError
from .xml import XmlReader


class Answer:
    """Reads one answer. Give on_head and on_end to the exchange; each attempt starts anew.

    fields: dict of the root's children that have text, and of on_element what it makes of the rest.
    """

    def __init__(self, root, on_element=None):
        """root: str, how the element that means success begins (rclone shortens one's name).

        on_element(name, text): gets every element below it, name without the root's, text None
        where it has children; None keeps `fields`.
        """
        self._root = root
        self._own = on_element
        self.fields = {}
        self._fault = {}
        self._reader = None

    def on_head(self, _):
        """Start; return the sink."""
        self.fields = {}
        self._fault = {}
        self._reader = XmlReader(self._on_element)
        return self._reader.feed

    def _on_element(self, path, text):
        root, _, name = path.partition("/")
        if root == "Error":
            self._fault[name] = text
        elif not root.startswith(self._root):
            raise ProtocolError("not a %s; is this an S3 endpoint?" % self._root)
        elif self._own:
            self._own(name, text)
        elif text is not None:
            self.fields[name] = text

    def on_end(self, response):
        """Raise ServiceError if a 200 told of an error, ProtocolError if it was cut short."""
        self._reader.close()
        if self._fault:
            raise ServiceError(
                response.status,
                self._fault.get("Code") or "InternalError",
                self._fault.get("Message") or "no reason given",
                self._fault.get("RequestId") or response.headers.get("x-amz-request-id"),
            )

    def need(self, name):
        """Return a field, str. Raises: ProtocolError without it."""
        if not self.fields.get(name):
            raise ProtocolError("the %s names no %s" % (self._root, name))
        return self.fields[name]
