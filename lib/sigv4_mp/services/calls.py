"""One call or request to a service: what is sent, and its answer. Loaded by the first Aws.call().

JSON is written into one buffer, which the next call uses again; the prepared request of the latest
action is kept, so that calling it again only seals it.
"""

import json

from ..amzdate import to_seconds
from ..errors import ProtocolError, RequestError
from ..net.body import Collector
from .aws import fault
from .checks import check, check_body, check_times, check_written
from .jsonout import Full, JsonBuffer
from .pieces import PiecesBody


class _Caller:
    """The buffer and the latest prepared request of one client."""

    def __init__(self, client):
        self.buffer = JsonBuffer(client.buffer_size)
        self.name = ""
        self.prepared = None


def call(client, name, parameters, limit):
    """Operation. See Aws.call."""
    if client.protocol == "rest":
        raise RequestError("name", "%s has no actions; use request()" % client.service)
    check(client.service, name, parameters)
    return _call(client, name, parameters, limit)


def _call(client, name, parameters, limit):
    """Operation. The body is written only now: other calls may use the buffer before."""
    check_times(name, parameters, lambda: to_seconds(client.signer.date_of(None)))
    caller = client.caller = client.caller or _Caller(client)
    buffer = caller.buffer
    buffer.end = 0
    query = client.protocol == "query"
    try:
        if query:
            from .form import write_form

            write_form(buffer, name, client.target, parameters)
        else:
            buffer.value(parameters)
    except Full:
        text = "do not fit %d bytes; give the client a bigger buffer_size" % client.buffer_size
        raise RequestError("parameters", text)
    check_written(client.service, name, buffer.end)
    if name != caller.name:
        caller.prepared = client.prepare(name)
        caller.name = name
    answer = _XmlAnswer(name, limit) if query else _JsonAnswer(limit)
    yield from _send(client, caller.prepared, buffer.view(), answer)
    return answer.value


def request(client, method, path, body, headers, query, limit):
    """Operation. See Aws.request."""
    if path[:1] != "/":
        raise RequestError("path", "must start with /")
    check_body(client.service, len(body), headers)
    prepared = client.signer.prepare(method, client.endpoint + path, headers, query)
    return _request(client, prepared, body, limit)


def _request(client, prepared, body, limit):
    answer = _Answer(limit)
    response = yield from _send(client, prepared, body, answer)
    response.body = answer.value
    return response


def _send(client, prepared, body, answer):
    """Operation. Send a body, bytes-like, that stays as it is; return the Response."""

    def make():
        return prepared.seal(body)

    pieces = PiecesBody(lambda: (body,))
    return client.exchange.run(make, pieces, answer.on_head, None, fault, answer.on_end)


class _Answer:
    """Collects an answer. value: bytes, once it is whole."""

    def __init__(self, limit):
        self._limit = limit
        self.value = b""

    def on_head(self, _):
        self._collector = Collector(self._limit)
        return self._collector.take

    def on_end(self, response):
        self.value = self._collector.commit()
        if "x-amz-function-error" in response.headers:
            from .functions import check_function

            check_function(response, self.value)


class _JsonAnswer(_Answer):
    """value: dict."""

    def on_end(self, _):
        data = self._collector.commit() or b"{}"
        try:
            self.value = json.loads(data)
        except (ValueError, RuntimeError):  # RuntimeError: nested too deep for CPython
            self.value = None
        if not isinstance(self.value, dict):
            raise ProtocolError("the answer is not a JSON object")


class _XmlAnswer:
    """value: dict of the texts, by the name of the element."""

    def __init__(self, name, limit):
        from .answer import Answer

        self._limit = limit
        self._answer = Answer(name + "Response", self._on_element)
        self.on_end = self._answer.on_end

    def on_head(self, response):
        self.value = {}
        self._left = self._limit
        return self._answer.on_head(response)

    def _on_element(self, path, text):
        if text is not None:
            self._left -= len(path) + len(text)
            if self._left < 0:
                raise ProtocolError("is passed by the answer's texts", "limit")
            self.value[path.split("/")[-1]] = text
