"""Where a request goes and how it is written: Host, path forms, query, header spaces."""

from .finding import NO, NOT_ASKED, WRONG, YES, Finding, holds, probe, refused, taken


def _first(place, answer):
    """Return the Finding of a GET of the object "first"."""
    return holds(answer, answer.body == b"hello", "answers with something else")


@probe("address.path", "addresses the bucket by path (`path`)")
def path(place):
    return _first(place, place.ask("GET", "first"))


@probe("address.virtual", "addresses the bucket by host (`virtual`)")
def virtual(place):
    if ":" in place.host or place.domain[:1].isdigit():
        return Finding(NOT_ASKED, note="the endpoint has no name")
    url = "%s://%s.%s/%sfirst" % (place.scheme, place.bucket, place.domain, place.prefix)
    answer = place.ask("GET", url=url)
    if answer.ok and answer.body != b"hello":
        return Finding(NO, answer, "takes the host's first label for nothing")
    return _first(place, answer)


def _without_port(place):
    """Return a Draft of a GET that signs Host without the port."""
    url = place.url("first").replace("//" + place.authority, "//" + place.host, 1)
    return place.draft("GET", url=url)


@probe("address.port_unsigned", "refuses `Host` with a port that was signed without")
def port_unsigned(place):
    if not place.port:
        return Finding(NOT_ASKED, note="the endpoint has the usual port")
    draft = _without_port(place)
    return refused(place.send(draft.swap("Host: " + place.host, "Host: " + place.authority)))


@probe("address.port_left_out", "takes `Host` without its port, signed so")
def port_left_out(place):
    if not place.port:
        return Finding(NOT_ASKED, note="the endpoint has the usual port")
    return _first(place, place.send(_without_port(place)))


@probe("address.absolute", "takes a whole URL as the request target")
def absolute(place):
    draft = place.draft("GET", "first")
    path = place.url("first")[len(place.endpoint) :]
    return _first(place, place.send(draft.swap("GET " + path, "GET " + place.url("first"))))


@probe("address.lower_hex", "takes `%c3%bc` for `%C3%BC` in the path")
def lower_hex(place):
    place.ask("PUT", "ü", b"umlaut")
    url = place.url("ü").replace("%C3%BC", "%c3%bc")
    answer = place.ask("GET", url=url)
    return holds(answer, answer.body == b"umlaut", "answers with something else")


@probe("address.needless_escape", "takes `%66irst` for `first` in the path")
def needless_escape(place):
    return _first(place, place.ask("GET", url=place.url("first").replace("first", "%66irst")))


@probe("address.query_order", "takes a query that is not in order")
def query_order(place):
    query = [("prefix", place.prefix), ("list-type", "2"), ("delimiter", "/")]
    return taken(place.ask("GET", query=query))


@probe("address.query_marks", "takes `?prefix=` with a space, `+`, `%`, `ü`, `~*'`")
def query_marks(place):
    query = [("list-type", "2"), ("prefix", place.prefix + " +%ü~*'()")]
    return taken(place.ask("GET", query=query))


@probe("address.bare_query", "takes a query name without `=`")
def bare_query(place):
    return taken(place.ask("GET", url=place.url(path="?uploads")))


@probe("address.spaces", "takes a header with runs of spaces")
def spaces(place):
    more = [("x-amz-meta-a", "a   b  c")]
    return taken(place.ask("PUT", "spaces", b"1", headers=more))


@probe("address.empty_header", "takes a header without a value")
def empty_header(place):
    return taken(place.ask("PUT", "empty-header", b"1", headers=[("x-amz-meta-a", "")]))


@probe("address.doubled_header", "takes a header that comes twice")
def doubled_header(place):
    more = [("x-amz-meta-a", "1"), ("x-amz-meta-a", "2")]
    return taken(place.ask("PUT", "twice", b"1", headers=more))


@probe("address.agent", "takes `User-Agent` and `Accept-Encoding` signed: nothing rewrites them")
def agent(place):
    more = [("user-agent", "probe/1 (x; y)"), ("accept-encoding", "identity")]
    names = [name for name, _ in more]
    return _first(place, place.ask("GET", "first", headers=more, sign_headers=names))


@probe("address.empty_type", "takes a PUT without Content-Type")
def empty_type(place):
    put = place.ask("PUT", "no-type", b"1")
    got = place.ask("HEAD", "no-type")
    return Finding(YES if put.ok and got.ok else WRONG if put.ok else NO, put)
