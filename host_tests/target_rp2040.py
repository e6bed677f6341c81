"""The target "rp2040": an emulated Pico with our firmware, reached as a real board is.

Each script gets a board fresh from power-on: a second is what that costs, and PPP does not survive
a soft reset.
"""

import targets
from board_target import Board
from tools.emulator import firmware
from tools.emulator.emulator import Emulator


class Rp2040(Board):
    """The emulated Pico. options: of the Emulator, for what should differ (loss, store, …)."""

    def __init__(self, **options):
        super().__init__("rp2040", None)
        self.options = dict({"fast_flash": True}, **options)

    def why_not(self):
        """Return None if the firmware is there (it is built if needed), else why not (str)."""
        return firmware.reason()

    def version(self):
        """Return a short description for the table at the end (str)."""
        return "MicroPython %s, 32-bit, emulated Pico, firmware of %d bytes" % (
            firmware.version(),
            firmware.build().stat().st_size,
        )

    def run(self, *arguments, **options):
        """Run a script on a board of its own, as Target.run does; return a Result."""
        with Emulator(**self.options) as emulator:
            self.port = emulator.address
            return super().run(*arguments, **options)


targets.TARGETS["rp2040"] = Rp2040()
