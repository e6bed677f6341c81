"""The limits of limits.py, held against the parameters of one call, and the body of a request."""

from ..errors import RequestError
from .limits import limits_of

_DAY_MS = 86400000
_OLDEST_S = 14 * 86400


def check(service, name, parameters):
    """Raise RequestError, naming the parameter, where an action's limits are broken."""
    found = limits_of(service, name)
    if found is None or found[0] not in parameters:
        return
    field, most, one, together, overhead = found
    entries = _entries(parameters[field])
    if len(entries) > most:
        raise RequestError(field, "holds %d entries; %s takes %d" % (len(entries), name, most))
    total = 0
    for entry in entries:
        size = size_of(entry, service == "dynamodb")
        if size > one:
            raise RequestError(field, "holds one of %d bytes; %s takes %d" % (size, name, one))
        total += size + max(overhead, 0)
    if total > together:
        raise RequestError(field, "holds %d bytes; %s takes %d" % (total, name, together))
    if name == "PutLogEvents":
        _check_order(entries)


def check_times(name, parameters, now):
    """Raise RequestError where CloudWatch or Logs would refuse an entry for its time.

    now: called only if the action looks at times; returns Unix seconds, int.
    """
    if name == "PutLogEvents":
        field, key, unit = "logEvents", "timestamp", 1000
    elif name == "PutMetricData":
        field, key, unit = "MetricData", "Timestamp", 1
    else:
        return
    now = now()
    for entry in parameters.get(field) or ():
        time_s = entry.get(key)
        if isinstance(time_s, (int, float)):
            age = now - time_s // unit
            if not -7200 <= age <= _OLDEST_S:
                text = "holds one of %d s ago; taken are those from 14 days ago to 2 hours ahead"
                raise RequestError(field, text % age)


def check_written(service, name, size):
    """Raise RequestError where the body counts as it is sent, and has too many bytes."""
    found = limits_of(service, name)
    if found and found[4] < 0 and size > found[3]:
        raise RequestError(
            found[0], "make a body of %d bytes; %s takes %d" % (size, name, found[3])
        )


def check_body(service, size, headers=()):
    """Raise RequestError (body) where a REST service takes no body of that many bytes."""
    name = "Publish" if service == "iotdata" else "Invoke"
    for pair in headers.items() if hasattr(headers, "items") else headers:
        if pair[0].lower() == "x-amz-invocation-type" and pair[1] == "Event":
            name = "InvokeAsync"
    found = limits_of(service, name)
    if found and size > found[2]:
        raise RequestError("body", "is %d bytes; %s takes %d" % (size, service, found[2]))


def size_of(value, names=False):
    """Return the bytes that a service counts of an entry: its strings and binary values.

    names: count the names of a dict too, as DynamoDB does.
    """
    if isinstance(value, dict):
        return sum([size_of(value[key], names) + (len(key) if names else 0) for key in value])
    if isinstance(value, (list, tuple)):
        return sum([size_of(item, names) for item in value])
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, (bytes, bytearray, memoryview)) else 0


def _entries(value):
    if isinstance(value, dict) and value and isinstance(list(value.values())[0], (list, tuple)):
        return [item for table in value.values() for item in table]  # BatchWriteItem's tables
    return value if isinstance(value, (list, tuple)) else [value]


def _check_order(events):
    times = [event.get("timestamp", 0) for event in events]
    for i in range(1, len(times)):
        if times[i] < times[i - 1]:
            raise RequestError("logEvents", "must be sorted by timestamp")
    if times and times[-1] - times[0] > _DAY_MS:
        raise RequestError("logEvents", "must not span more than 24 hours")
