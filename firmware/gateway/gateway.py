"""Who may do what: a request is verified, compared with the devices' rules, and sent on as ours."""

import asyncio

from device import say
from relay import Pipe, Refusal, answer, decoded, error_answer, passed, read_head, shown

from sigv4_mp.errors import ClockError, ServiceError, SigV4Error
from sigv4_mp.replay import ReplayCache
from sigv4_mp.verify import Verifier, VerifyError

HEAD_LIMIT = 4096
ANSWER_LIMIT = 4096  # a GET is for a device's settings


class Gateway:
    """Serves one request a connection. answered: int, how many so far."""

    def __init__(self, config, devices, clock, s3, shell):
        """devices: dict, access_key_id -> Device. s3: the client upstream. shell: an Aio for it."""
        self._devices = devices
        self._bucket = config["bucket"]
        self._s3 = s3
        self._shell = shell
        self._upstream = asyncio.Lock()  # one TLS connection at a time: it is what needs the RAM
        self._open = 0
        self._connections = config.get("connections", 4)
        self._buffer = config.get("buffer", 2048)
        self._max_body = config.get("max_body", 1 << 20)
        self._head_s = config.get("head_s", 5)
        self._deadline_s = config.get("deadline_s", 20)
        self._counts = {}
        self.answered = 0
        self._verifier = Verifier(
            self._key,
            config["region"],
            "s3",
            clock,
            hosts=config.get("hosts"),
            replay=ReplayCache(config.get("replays", 64)),
        )

    def _key(self, access_key_id):
        """The verifier asks for a device's key. Returns: its Credentials, or None."""
        known = self._devices.get(access_key_id.decode())
        return known and known.credentials

    async def serve(self, reader, writer):
        """Answer one request, then close. Whatever a peer does ends with its deadline."""
        if self._open >= self._connections:
            # Unread bytes are lost with it, and perhaps the answer: that is all a crowd gets.
            await self._tell(reader, writer, error_answer(503, "SlowDown", "Try again later"), 0)
            return
        self._open += 1
        try:
            await self._tell(reader, writer, await self._bounded(reader, writer), 1)
        finally:
            self._open -= 1
        self.answered += 1

    async def _bounded(self, reader, writer):
        """Return what to tell the device, by the deadline, whatever it does."""
        try:
            return await asyncio.wait_for(self._answer(reader, writer), self._deadline_s)
        except asyncio.TimeoutError:
            return self._refused(Refusal(408, "RequestTimeout", "This took too long"), "deadline")
        except MemoryError:
            return self._refused(Refusal(503, "SlowDown", "No memory is left"), "memory")

    async def _tell(self, reader, writer, told, linger_s):
        """Send the answer and close; what still comes is read for a moment, or it may be lost."""
        try:
            writer.write(told)
            await asyncio.wait_for(writer.drain(), 5)
            if linger_s:
                await asyncio.wait_for(_rest(reader), linger_s)
        except (OSError, asyncio.TimeoutError):
            pass
        writer.close()
        try:
            await writer.wait_closed()  # MicroPython closes here, and not before
        except OSError:
            pass

    async def _head(self, reader):
        try:
            return await asyncio.wait_for(read_head(reader, HEAD_LIMIT), self._head_s)
        except asyncio.TimeoutError:
            raise Refusal(408, "RequestTimeout", "The head took too long")

    async def _answer(self, reader, writer):
        """Return what to tell the device, bytes."""
        try:
            head, rest = await self._head(reader)
            claim = self._verifier.read(head)
            if claim.needs_body:
                raise Refusal(400, "InvalidRequest", "x-amz-content-sha256 is missing")
            request = claim.prove()
            key = self._allowed(request)
            if request.method == "GET":
                return await self._get(request, key)
            if (b"expect", b"100-continue") in request.headers:  # only now: no body from strangers
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await writer.drain()
            return await self._put(reader, request, key, rest)
        except VerifyError as error:
            return self._refused(error, error.rule)
        except Refusal as error:
            return self._refused(error, error.code)
        except ClockError as error:
            say("clock", str(error))
            return self._refused(Refusal(503, "ServiceUnavailable", "no trusted time"), "no clock")
        except ServiceError as error:
            return self._passed_on(error)
        except (SigV4Error, OSError) as error:
            say("upstream", "%s: %s" % (type(error).__name__, error))
            return self._refused(Refusal(502, "BadGateway", "S3 can't be reached now"), "upstream")

    def _allowed(self, request):
        """Return the key of the object, bytes, if this device may do that. Raises: Refusal."""
        known = self._devices[request.access_key_id]
        start = "/" + self._bucket + "/"
        key = decoded(request.path.encode())
        if request.method not in known.methods or not request.path.startswith(start):
            raise Refusal(403, "AccessDenied", "This key may not do that")
        key = key[len(start) :]
        if not key.startswith(known.allow.encode()) or key.endswith(b"/"):
            raise Refusal(403, "AccessDenied", "This key may not do that there")
        for segment in key.split(b"/"):
            if segment in (b"", b".", b".."):  # S3 takes it as it is, a file server would climb
                raise Refusal(400, "InvalidURI", "Empty and dotted segments are not passed on")
        for name, _ in request.query:
            if name != b"x-id":  # AWS's SDKs name the operation: no more than that
                raise Refusal(501, "NotImplemented", "This gateway stores and fetches objects only")
        if (request.content_length or 0) > self._max_body:
            raise Refusal(400, "EntityTooLarge", "More than %d bytes" % self._max_body)
        return key

    async def _put(self, reader, request, key, rest):
        """Store the object while it is being verified; return what to tell the device."""
        headers = passed(request)
        length = request.decoded_length or 0
        pipe = Pipe(min(self._buffer, max(length, 1)))
        filling = asyncio.create_task(pipe.fill(reader, request.body(pipe.take), rest))
        try:
            while not pipe.settled():
                await asyncio.sleep(0.002)
            body, named = self._way(request, pipe, length)
            async with self._upstream:
                put = self._s3.put_object(key, body, headers=headers, **named)
                response = await self._shell.run(put)
        finally:
            filling.cancel()
        self._say(request, key, "stored, %d bytes" % length)
        return answer(200, (("ETag", response.etag or '""'),))

    def _way(self, request, pipe, length):
        """Return (body, arguments of put_object): how the content goes on."""
        if pipe.proven:
            return pipe.whole(), {}  # it is all in RAM: hashed here, and tried again if need be
        if request.payload == "hash":  # the device's own hash: S3 checks it, too
            return pipe, {"payload_hash": request.payload_hash, "content_length": length}
        # Verified chunk by chunk, and signed anew chunk by chunk.
        return pipe, {"mode": "chunked", "content_length": length}

    async def _get(self, request, key):
        if request.content_length:
            raise Refusal(400, "InvalidRequest", "A GET has no body here")
        passed(request)
        async with self._upstream:
            response = await self._shell.run(self._s3.get_object(key, limit=ANSWER_LIMIT))
        self._say(request, key, "fetched, %d bytes" % len(response.body))
        return answer(200, (("ETag", response.etag or '""'),), response.body)

    def _passed_on(self, error):
        """Return what to tell when S3 says no: its 403 is ours to mend, and not the device's."""
        say("upstream", "%d %s" % (error.status, error.code))
        if error.status == 404:
            return self._refused(Refusal(404, error.code, "It is not there"), "upstream")
        told = Refusal(502, "BadGateway", "S3 did not take it")
        if error.status in (429, 503):
            told = Refusal(503, "SlowDown", "S3 is busy")
        return self._refused(told, "upstream")

    def _refused(self, error, rule):
        """Count and say it, for the log; return it for the device."""
        say("refused", "%d %s (%s)" % (error.status, error.code, rule))
        self._counts[rule] = self._counts.get(rule, 0) + 1
        return error_answer(error.status, error.code, error.message)

    def _say(self, request, key, what):
        say(request.method.lower(), "%s by %s: %s" % (shown(key), request.access_key_id, what))
        self._counts[request.method] = self._counts.get(request.method, 0) + 1

    def report(self):
        """Say how many requests there were of which kind."""
        counted = ["%s %d" % (name, self._counts[name]) for name in sorted(self._counts)]
        say("counters", ", ".join(counted))


async def _rest(reader):
    for _ in range(64):
        if not await reader.read(512):
            break
