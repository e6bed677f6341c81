"""An SNTP round as an operation, driven by a script: no socket, and an answer of any kind."""

import _section
from _check import equal, raises
from net_script import NAMES
from ntp_packets import NTP_2026, answer

from sigv4_mp.device.poll import KNOWN
from sigv4_mp.errors import ProtocolError
from sigv4_mp.net import ntp, steps


class Server:
    """An NTP server in a script. packets: functions of the cookie; waits: ms before each."""

    def __init__(self, *packets, waits=(20,)):
        self.packets = list(packets)
        self.waits = list(waits)
        self.now = 0x3FFFFFF0  # the ticks wrap during the round
        self.steps = []
        self.requests = []

    def perform(self, step):
        self.steps.append(NAMES[step.op])
        if step.op == steps.RESOLVE:
            return [("192.0.2.1", (2, 2, 17, "", ("192.0.2.1", step.port)))]
        if step.op == steps.CONNECT:
            self.steps[-1] += " %s %s %d" % (step.scheme, step.host, step.port)
        elif step.op == steps.TICKS:
            return self.now & 0x3FFFFFFF
        elif step.op == steps.SLEEP:
            self.now += step.ms
        elif step.op == steps.SEND:
            self.requests.append(bytes(memoryview(step.buffer)[: step.length]))
        elif step.op == steps.RECV_NOW:
            return self.receive(step)
        return None

    def receive(self, step):
        if not self.packets:
            return -1
        self.now += self.waits.pop(0) if len(self.waits) > 1 else self.waits[0]
        packet = self.packets.pop(0)(self.requests[0][40:])
        length = min(len(packet), step.length)
        step.buffer[:length] = packet[:length]
        return length


def good(cookie):
    return answer(cookie=cookie, sent=NTP_2026 + 1)  # held for a second


def quick(cookie):
    return answer(cookie=cookie, dispersion=0x4000)


def stranger(cookie):
    return answer(cookie=bytes(8))


def short(cookie):
    return answer(cookie=cookie)[:47]


def long(cookie):
    return quick(cookie) + b"extension"


def forbidding(cookie):
    return answer(cookie=bytes(8), stratum=0, code=b"DENY")


def ask(server, timeout_ms=3000):
    KNOWN.clear()
    return steps.drive(ntp.query("h", 123, timeout_ms), server.perform)


def rounds():
    unix = 1791011200000
    server = Server(quick, waits=(40,))
    equal("half the trip is added", ask(server), (unix + 20, 20 + 250 + 1))
    steps_wanted = ["resolve", "ticks", "connect udp 192.0.2.1 123", "ticks"]
    steps_wanted += ["send", "recv_now", "ticks", "close"]
    equal("steps", server.steps, steps_wanted)
    request = server.requests[0]
    equal("a request", (len(request), request[:40]), (48, b"\x23" + bytes(39)))
    equal("what was held is no trip", ask(Server(good, waits=(1100,))), (unix + 1000 + 50, 50 + 1))
    equal("a long answer", ask(Server(long, waits=(0,))), (unix, 250 + 1))
    server = Server(stranger, short, forbidding, quick, waits=(5,))
    equal("strangers are passed over, their time counted", ask(server), (unix + 10, 10 + 251))
    raises("nobody answers", OSError, ask, Server())
    raises("nobody after strangers", OSError, ask, Server(stranger, short))
    raises("only strangers", OSError, ask, Server(*([stranger] * 400)))
    raises(
        "strangers for too long",
        OSError,
        ask,
        Server(stranger, stranger, stranger, quick, waits=(2000,)),
    )
    raises(
        "sent away",
        ProtocolError,
        ask,
        Server(lambda cookie: answer(stratum=0, cookie=cookie, code=b"RATE")),
    )
    raises("held longer than we waited", ProtocolError, ask, Server(good, waits=(20,)))
    cookies = set()
    for _ in range(8):
        server = Server(quick)
        ask(server)
        cookies.add(server.requests[0][40:])
    equal("cookies are random", len(cookies), 8)


_section.run(rounds)
