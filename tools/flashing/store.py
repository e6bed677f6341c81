"""The board's SecretStore, for tools/provision.py, by way of this tool's programs."""

from tools import provision
from tools.flashing import files
from tools.flashing.programs import FlashError


class Board(provision.Board):
    """A board whose programs are run by Programs: with its advice, its dry runs, its stand-ins."""

    def __init__(self, programs, port):
        super().__init__(port)
        self._programs = programs

    def run(self, source):
        """Run a program, which may hold a secret; return what it printed. Raises: FlashError."""
        stage = files.Stage("provision", private=True)
        try:
            path = stage.put("provision.py", source.encode())
            return self._programs.remote(self._port, "resume", "run", path)
        except FlashError as error:
            lines = provision.without_values(str(error).splitlines())
            raise FlashError("\n".join(lines)) from None
        finally:
            stage.remove()
