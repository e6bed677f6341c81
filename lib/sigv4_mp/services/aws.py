"""AWS services over HTTPS: one small client for JSON, REST-JSON and the query protocol.

    sts = Aws(Signer(credentials, "eu-west-1", "sts", clock))
    print(http.run(sts.call("GetCallerIdentity"))["Arn"])

    ssm = Aws(Signer(credentials, "eu-west-1", "ssm", clock))
    answer = http.run(ssm.call("GetParameter", {"Name": "/fleet/interval"}))

The signer's service says which one it is; the table below, how to talk to it. Readings, many of
them, go through a batch instead: kinesis.py, logs.py, sqs.py and so on.
"""

from ..errors import RequestError, ServiceError
from ..net.exchange import Exchange

# Service as in the scope|protocol|prefix of X-Amz-Target, or version. docs/services.md says how to
# add one. One text costs the least RAM.
_SERVICES = """\
kinesis|json1.1|Kinesis_20131202
firehose|json1.1|Firehose_20150804
monitoring|json1.0|GraniteServiceVersion20100801
logs|json1.1|Logs_20140328
dynamodb|json1.0|DynamoDB_20120810
sqs|json1.0|AmazonSQS
ssm|json1.1|AmazonSSM
secretsmanager|json1.1|secretsmanager
sns|query|2010-03-31
sts|query|2011-06-15
lambda|rest|
iotdata|rest|
execute-api|rest|"""
_PROTOCOLS = ("json1.0", "json1.1", "query", "rest")
_OWN_HOSTS = ("iotdata", "execute-api")  # these hosts belong to an account or an API
# Domains of the partitions, by how their regions begin; of the others an endpoint must be given.
_DOMAINS = (("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu"), ("", "amazonaws.com"))


class Aws:
    """A client of one service. One operation at a time: concurrent tasks want a client each.

    service, endpoint: str. signer: the Signer. exchange: the Exchange.
    """

    def __init__(
        self,
        signer,
        endpoint=None,
        protocol=None,
        target=None,
        insecure_http=False,
        buffer_size=2048,
        receive_size=1024,
        send_size=1024,
        **exchange,
    ):
        """signer: a Signer for the service to talk to ("kinesis", "monitoring", "iotdata", …).

        endpoint: "https://host[:port]"; None: AWS's own for the signer's region.
        protocol, target: None for a service of the table; for another "json1.0" or "json1.1" with
        the prefix of its X-Amz-Target, "query" with its version, or "rest".
        insecure_http: must be True for an http:// endpoint, "session-token" with such credentials.
        buffer_size: int, the most bytes of a body that call() writes. receive_size, send_size: int,
        bytes of the exchange's buffers. exchange: policy and the like, for Exchange.
        Raises: RequestError naming the field.
        """
        self.signer = signer
        self.service = signer.service.decode()
        self.protocol, self.target = _protocol_of(self.service, protocol, target)
        self.endpoint = endpoint = endpoint or _endpoint_of(self.service, signer.region.decode())
        if "://" not in endpoint or endpoint[-1] == "/":
            raise RequestError("endpoint", "must be https://host[:port], without a path")
        if not endpoint.startswith("https:") and not insecure_http:
            text = "plain HTTP shows all to everybody; use https, or insecure_http=True"
            raise RequestError("insecure_http", text)
        exchange.setdefault("credentials", signer.credentials)  # they may have to be renewed
        self.exchange = Exchange(receive_size, send_size, insecure_http, **exchange)
        self.buffer_size = buffer_size
        self.caller = None  # what call() keeps from one to the next, see calls.py

    def call(self, name, parameters=None, limit=4096):
        """Operation. Call an action of a JSON or query service; return its answer, a dict.

        name: str, as AWS writes it ("GetParameter"). parameters: dict, its values as for
        JsonBuffer.value. limit: int, bytes of an answer that is kept; a longer one is an error.
        Of the query protocol's XML the answer has each element's text by the element's own name.
        Raises: RequestError before anything is sent, where a limit of the service's is broken or
        the parameters do not fit the buffer; ServiceError, ProtocolError, OSError.
        """
        from .calls import call  # who only sends readings pays for none of it

        return call(self, name, parameters or {}, limit)

    def request(self, method, path, body=b"", headers=(), query=(), limit=4096):
        """Operation. A request of any form, for REST services; return the Response (`.body`).

        path: str, in wire form. body: bytes-like. headers, query: as for Signer.prepare.
        limit: int, bytes of a body that is kept. Raises: as call.
        """
        from .calls import request

        return request(self, method, path, body, headers, query, limit)

    def prepare(self, name):
        """Return a PreparedRequest of an action, to be sealed again and again with other bodies."""
        if self.protocol == "query":
            headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        else:
            headers = [("Content-Type", "application/x-amz-json-" + self.protocol[4:])]
            headers.append(("X-Amz-Target", self.target + "." + name))
        return self.signer.prepare("POST", self.endpoint + "/", headers)

    def __repr__(self):
        return "<Aws %s %s>" % (self.service, self.endpoint)


def fault():
    """Return what reads an error body. The parser is loaded when the first one comes."""
    try:
        from .awsfault import AwsFault
    except MemoryError:  # the status must not be lost over it
        return _StatusOnly()
    return AwsFault()


class _StatusOnly:
    """What a status and a header say."""

    def take(self, buffer, start, end):
        return True

    def error(self, response):
        code = response.headers.get("x-amzn-errortype") or str(response.status)
        text = (response.reason or "no reason given") + "; no memory was left to read more"
        return ServiceError(response.status, code.split(":")[0], text)


def _protocol_of(service, protocol, target):
    """Return (protocol, target) of a service: what the caller says, or the table."""
    if protocol is None:
        for line in _SERVICES.split("\n"):
            name, protocol, target = line.split("|")
            if name == service:
                return protocol, target
        raise RequestError("protocol", "of %s is not known; give it, and target" % service)
    if protocol not in _PROTOCOLS:
        raise RequestError("protocol", "must be one of: " + ", ".join(_PROTOCOLS))
    if protocol != "rest" and not target:
        raise RequestError("target", "is needed: prefix of X-Amz-Target, or version of a query")
    return protocol, target


def _endpoint_of(service, region):
    if service in _OWN_HOSTS or region[:6] in ("us-iso", "eu-iso"):
        raise RequestError("endpoint", "of %s must be given: https://host" % service)
    for start, domain in _DOMAINS:
        if region.startswith(start):
            return "https://%s.%s.%s" % (service, region, domain)
