#!/usr/bin/env python3
"""Run the emulated Pico: its REPL on a TCP port of 127.0.0.1, for mpremote.

    python3 tools/emulator/emulator.py                     one JSON line of facts; Ctrl-C ends it
    mpremote connect socket://127.0.0.1:PORT repl

    with Emulator(store="flash.bin", loss=0.05) as board:  # from Python
        board.address, board.command(link={"down": True}), board.events("prompt")

The firmware is built if needed (firmware.py). Its limits: README.md beside this file.
"""

import argparse
import json
import os
import pathlib
import socket
import sys

if __package__ in (None, ""):
    sys.path.insert(0, os.fspath(pathlib.Path(__file__).resolve().parents[2]))

from tools.emulator import firmware, inputs
from tools.servers import _process

HERE = pathlib.Path(__file__).resolve().parent


class Emulator(_process.Server):
    """A running board, as a context manager. address: what `mpremote connect` takes; port: int.

    image: firmware to boot (default: ours, built if needed).    store: file that keeps the flash.
    ppp: the network is there.    loss: fraction of packets lost, each way.    latency_ms: each way.
    power_cut: the power fails in the middle of the n-th flash erase or program, once; then the
    board boots again from the same flash, unless stay_off.    seed: of its random numbers; the
    same seed, program and firmware give the same cycle count.    fast_flash: no wait for the chip.
    virtual_time: sleeping costs no time (and the device's time-outs outrun the host's).
    reference_core: each instruction as rp2040js has it, which is slow: to compare with.
    port: 0 for any free one.
    """

    name = "rp2040"

    def __init__(
        self,
        image=None,
        store=None,
        ppp=True,
        loss=0,
        latency_ms=0,
        power_cut=0,
        stay_off=False,
        seed=None,
        fast_flash=False,
        virtual_time=False,
        reference_core=False,
        port=0,
        workdir=None,
    ):
        super().__init__(workdir)
        self._image, self._port = image, port
        self._flags = {
            "ppp": ppp,
            "stay-off": stay_off,
            "fast-flash": fast_flash,
            "virtual-time": virtual_time,
            "reference-core": reference_core,
        }
        self._values = {
            "store": store and os.path.abspath(store),
            "loss": loss or None,
            "latency-ms": latency_ms or None,
            "power-cut": power_cut or None,
            "seed": seed,
        }
        self.port = self.address = None

    def prepare(self):
        self._modules = inputs.rp2040js()
        image = self._image or firmware.build()
        words = [inputs.node(), HERE / "rp2040.mjs", "--image", image, "--control", "0"]
        words += ["--port", str(self._port)]
        words += ["--" + name for name, given in self._flags.items() if given]
        for name, value in self._values.items():
            words += [] if value is None else ["--" + name, str(value)]
        return words

    def environment(self):
        return dict(super().environment(), SIGV4_MP_RP2040JS=os.fspath(self._modules))

    def ready(self):
        return bool(self.events("listening") and self.events("control") and self.events("prompt"))

    def provision(self):
        self.port = self.events("listening")[0]["port"]
        self.address = "socket://127.0.0.1:%d" % self.port

    def events(self, name=None):
        """Return what happened (list of dict): event, boot, host_ms, emulated_ms, cycles, …

        name: only events so called: power-on, prompt, power-cut, reset, bootsel, fault.
        """
        text = pathlib.Path(self.log_path).read_text(encoding="utf-8", errors="replace")
        lines = [line for line in text.splitlines(True) if line.startswith("{") and "\n" in line]
        found = [json.loads(line) for line in lines]
        return [event for event in found if name in (None, event["event"])]

    def command(self, **words):
        """Tell the emulator something while it runs; return its counters (dict).

        link={"loss": 0.1, "latency_ms": 50, "down": True}, cut=True (power off and on, now),
        cut_in=3 (in the middle of the third flash operation from now). Nothing: counters only.
        """
        control = self.events("control")[0]["port"]
        with socket.create_connection(("127.0.0.1", control), timeout=60) as connection:
            connection.sendall(json.dumps(words).encode() + b"\n")
            with connection.makefile("rb") as answers:
                return json.loads(answers.readline())

    def facts(self):
        names = "address port log_path started_in"
        return {name: getattr(self, name) for name in names.split()}


def main():
    parser = argparse.ArgumentParser(description="Run the emulated Pico; Ctrl-C ends it.")
    parser.add_argument("--port", type=int, default=0, help="of the REPL (default: any free one)")
    parser.add_argument("--image", help="firmware .bin or .uf2 (default: ours)")
    parser.add_argument("--store", help="file that keeps the flash between runs")
    parser.add_argument("--no-ppp", dest="ppp", action="store_false", help="no network")
    parser.add_argument("--loss", type=float, default=0, help="fraction of packets lost, each way")
    parser.add_argument("--latency-ms", type=float, default=0, help="of each packet, each way")
    parser.add_argument("--power-cut", type=int, default=0, help="in the n-th flash operation")
    parser.add_argument("--stay-off", action="store_true", help="after a power cut or a reset")
    parser.add_argument("--seed", type=int, help="of its random numbers")
    parser.add_argument("--fast-flash", action="store_true", help="flash takes no time")
    parser.add_argument("--virtual-time", action="store_true", help="sleeping takes no time")
    parser.add_argument("--reference-core", action="store_true", help="slow: to compare with")
    return _process.serve(Emulator(**vars(parser.parse_args())))


if __name__ == "__main__":
    sys.exit(main())
