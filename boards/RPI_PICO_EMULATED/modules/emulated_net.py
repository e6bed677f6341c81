"""The network of the emulated Pico: PPP on UART 1. The host's loopback is HOST, and every name.

import emulated_net

emulated_net.up()
"""

import time

import machine
import network

HOST = "10.0.2.2"
_BAUD = 3000000
_link = None


def up(timeout_ms=10000):
    """Bring the network up, unless it is; return the network.PPP.

    PPP does not survive a soft reset: then reset the board (machine.reset()).
    Raises: OSError if the peer does not answer in time; ask again after a reset.
    """
    global _link
    if _link and _link.isconnected():
        return _link
    if not _link:
        # Room for lwIP's window: what does not fit is lost, and sent again.
        uart = machine.UART(1, _BAUD, tx=4, rx=5, rxbuf=8192, txbuf=2048)
        _link = network.PPP(uart)
    _link.connect()
    start = time.ticks_ms()
    while not _link.isconnected():
        if time.ticks_diff(time.ticks_ms(), start) > timeout_ms:
            raise OSError("no PPP peer answers on UART 1: was the emulator started with --ppp?")
        time.sleep_ms(10)
    return _link
