"""The whole job, step by step. Each step asks the board first and does only what is missing."""

import ast
import datetime
import hashlib
import json
import time

from tools import boards, native, provision
from tools._fetch import ROOT
from tools.flashing import board_code, files, firmware, ports, store
from tools.flashing.device import Device
from tools.flashing.programs import FlashError

RECORD = "/sigv4_mp_firmware.json"  # on the board: which firmware file it was flashed with
EXAMPLES = ROOT / "firmware"
# Where the library's files are, by way to ship; a frozen module's has no folder before it.
_PLACE = {"py": "/lib/", "mpy": "/lib/", "native": "/lib/", "romfs": "/rom/", "frozen": "sigv4_mp/"}
_INSTEAD = {
    "s": "it is frozen into this firmware; use --ship frozen, or another firmware",
    "/rom": "a ROMFS comes before /lib; use --ship romfs, or deploy an empty one",
    "/lib": "nothing is frozen into this firmware; give one that has it (--firmware), or use "
    "--ship mpy",
}


def version():
    """Return the library's version (str)."""
    text = (ROOT / "lib" / "sigv4_mp" / "version.py").read_text(encoding="utf-8")
    return text.split('__version__ = "')[1].split('"')[0]


def settings_of(example):
    """Return the settings (set of str) that an example's main.py knows. Raises: FlashError."""
    path = EXAMPLES / example / "main.py"
    if not path.exists():
        there = ", ".join(sorted(one.parent.name for one in EXAMPLES.glob("*/main.py")))
        raise FlashError("no example %s; there are: %s" % (example, there))
    known = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id in ("REQUIRED", "OPTIONAL"):
            known |= set(ast.literal_eval(node.value))
    return known


class Job:
    """One run of tools/flash.py.

    options: what tools/flash.py takes.    programs: Programs.
    show: has say(line), step(title), progress(done, total).
    """

    def __init__(self, options, programs, show):
        self.options, self.programs, self.show = options, programs, show
        self.board = boards.load(options.board)
        self.port = options.port
        self.found = None
        self.copied = self.kept = 0
        self._wanted = {}  # path on the board: SHA-256, of all that this job answers for
        self._local = {}

    def run(self):
        """Do it all. Raises: FlashError; what was done so far stays, and is not done again."""
        known = settings_of(self.options.example) if self.options.example else set()
        if self.options.ship == "native":
            native.arch_of(self.board)  # no such thing is told before the board is touched
        self.device = Device(self.options.config, self.board)
        if self.options.example:
            self.device.check(self.options.example, known)
        self.device.stored()  # a file that is missing is told before the board is touched
        for warning in self.device.warnings:
            self.show.say("warning: " + warning)
        self._steps()

    def _steps(self):
        steps = (
            ("find the board", self.find),
            ("firmware", self.flash),
            ("what is on it", self.identify),
            ("clock, in UTC", self.set_clock),
            ("library, as " + self.options.ship, self.ship),
            ("TLS root and other files", self.put_files),
            ("self-test on the board", self.selftest),
            ("certificate and keys", self.provision),
            ("example and configuration", self.put_example),
            ("verify by SHA-256", self.verify),
        )
        for number, (title, step) in enumerate(steps, 1):
            self.show.step("%d/%d %s" % (number, len(steps), title))
            step()
        self.show.say(self.next_step())

    def find(self):
        """Settle the port."""
        if self.port == "auto":
            if self.programs.dry_run:
                self.show.say("the one USB port of: " + ", ".join(self.board["flash"]["usb"]))
                return
            try:
                self.port = ports.choose(self.board, ports.serial_ports())
            except FlashError:
                # An RP2 in BOOTSEL mode has no serial port: its firmware comes first.
                if not (self.options.firmware and self._in_bootsel()):
                    raise
                self.port = None
        self.show.say("port %s" % (self.port or "none: the board waits in BOOTSEL mode"))

    def _in_bootsel(self):
        if self.board["flash"]["method"] != "uf2":
            return False
        return ports.bootsel_volume(self.board, seconds=0) is not None

    def flash(self):
        """Write the firmware that --firmware names, unless it is the one that is there."""
        path = self.options.firmware
        if path is None:
            self.show.say("left as it is (no --firmware)")
            return
        firmware.check_image(self.board, path)
        digest = firmware.digest(path)
        if self.options.firmware_sha256 not in (None, digest):
            text = "%s is not what --firmware-sha256 says: its SHA-256 is %s"
            raise FlashError(text % (path.name, digest))
        try:
            before = self._record() if self.port else None
        except FlashError:
            before = None  # no MicroPython there, or a stuck one
        if before and before.get("sha256") == digest:
            self.show.say("%s is there already" % path.name)
            return
        if self.board["flash"]["method"] == "esptool":
            erase = self.options.erase or before is None
            firmware.flash_esp(self.programs, self.board, self.port, path, erase)
        else:
            if self.port:
                firmware.enter_bootsel(self.programs, self.port)
            find = self.options.volumes
            firmware.flash_uf2(self.programs, self.board, path, find, self.show.progress)
        self._wait_for_prompt()
        self._write_record(digest)

    def _record(self):
        """Return what the board's RECORD says, {} if it has none. Raises: FlashError."""
        return board_code.ask(self.programs, self.port, board_code.RECORD, path=RECORD)[0]

    def _write_record(self, digest):
        stage = files.Stage("record")
        text = json.dumps({"sha256": digest}).encode()
        files.copy(self.programs, self.port, {RECORD: stage.put("record.json", text)})

    def _wait_for_prompt(self, tries=20):
        """Wait until MicroPython answers after a restart; its port may have another name now."""
        if self.programs.dry_run:
            return
        for left in range(tries, 0, -1):
            try:
                if self.options.port == "auto":
                    self.port = ports.choose(self.board, ports.serial_ports())
                self.identify()
                return
            except FlashError as error:
                if left == 1 or "wrong chip" in str(error):
                    raise
                time.sleep(1)

    def identify(self):
        """Ask the board what it is, and refuse another one."""
        self.found, _ = board_code.ask(self.programs, self.port, board_code.IDENTIFY)
        if self.found is None:
            return
        ports.check_identity(self.board, self.found)
        numbers = ".".join(map(str, self.found["version"]))
        self.show.say("%s, MicroPython %s" % (self.found["machine"], numbers))

    def set_clock(self):
        """Set the RTC to UTC. Not with `mpremote rtc --set`: that writes this machine's local time.

        The weekday counts from Monday; over USB it is right to a second or so.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        value = (now.year, now.month, now.day, now.weekday(), now.hour, now.minute, now.second, 0)
        shown, _ = board_code.ask(self.programs, self.port, board_code.SET_CLOCK, datetime=value)
        if shown:
            self.show.say("it says %04d-%02d-%02d %02d:%02d:%02d" % tuple(shown))

    def ship(self):
        """Bring the library on the board, the way that --ship says."""
        way = self.options.ship
        there = board_code.hashes(self.programs, self.port, folders=[files.LIBRARY])
        if way in ("py", "mpy", "native"):
            self._ship_files(way, there)
        else:
            # Files in /lib come last on sys.path: they would only take room, and mislead.
            self._remove(sorted(there))
            if way == "romfs":
                self._ship_romfs()
        where, _ = board_code.ask(self.programs, self.port, board_code.LIBRARY, fresh=self._fresh())
        if where is not None:
            self._check_library(where)

    def _check_library(self, where):
        if where["version"] != version():
            raise FlashError(
                "version mismatch: the board imports sigv4_mp %s from %s, this is %s; flash a "
                "firmware made from this version, or use --ship mpy"
                % (where["version"], where["file"], version())
            )
        if not where["file"].startswith(_PLACE[self.options.ship]):
            raise FlashError(self._hidden(where["file"]))
        self.show.say("sigv4_mp %s, from %s" % (where["version"], where["file"]))

    def _hidden(self, file):
        """Return what to say of a library that comes from `file` instead of where it was put."""
        way = self.options.ship
        place = "/lib" if way == "frozen" else file[:4] if file[:1] == "/" else "s"
        return "the board imports sigv4_mp from %s, not what --ship %s brings: %s" % (
            file,
            way,
            _INSTEAD[place],
        )

    def _ship_files(self, way, there):
        library = self._library(way)
        wanted = {"%s/%s" % (files.LIBRARY, k): v for k, v in library.items()}
        if way == "mpy" and self.found:
            files.check_mpy(next(iter(wanted.values())), self.found)
        self._remove(files.strangers(wanted, there, files.LIBRARY))
        self._check_room(wanted, there)
        self._put(files.Stage("library-" + way), wanted, there)

    def _library(self, way):
        """Return {name: bytes} of a library that is shipped as files. Raises: FlashError."""
        if way != "native":
            return files.library(way)
        arch = native.arch_of(self.board)
        if self.found:
            native.check(arch, self.found)
        return native.library(arch)

    def _check_room(self, wanted, there):
        if not self.found:
            return
        needed = sum(len(data) + 512 for path, data in wanted.items() if path not in there)
        if needed > self.found["free"]:
            raise FlashError(
                "no space: %d bytes are needed, %d are free; remove files, or use --ship frozen "
                "or romfs" % (needed, self.found["free"])
            )

    def _ship_romfs(self):
        library = {"/rom/lib/sigv4_mp/" + k: v for k, v in files.library("mpy").items()}
        self._remember(library)
        there = board_code.hashes(self.programs, self.port, folders=["/rom/lib/sigv4_mp"])
        if files.missing(library, there, self._wanted) == [] and there:
            self.show.say("ROMFS is there already")
            self.kept += len(library)
            return
        stage = files.Stage("romfs")
        for path, data in library.items():
            stage.put("tree" + path[len("/rom") :], data)
        image, tree = stage.folder / "library.romfs", stage.folder / "tree"
        self.programs.run([*self.programs.mpremote, "romfs", "-o", image, "build", tree])
        self.programs.remote(self.port, "romfs", "deploy", image)
        self.copied += len(library)

    def put_files(self):
        """Copy what [files] names; the self-test looks at the TLS root among them."""
        more = {"/" + k: v for k, v in self.device.files(None).items() if k not in _LAST}
        self._put_private(more)

    def provision(self):
        """Put what [provision] names into the board's SecretStore, as tools/provision.py does."""
        values = self.device.stored()
        if not values:
            self.show.say("nothing to store (no [provision])")
            return
        board = store.Board(self.programs, self.port)
        if self.programs.dry_run:
            for name in values:
                self.show.say("store %s, by a private file:" % name)
                board.run("")
            return
        try:
            written = provision.provision(board, values, self.show.say)
        except provision.Failed as error:
            raise FlashError("the board's store: %s" % error) from None
        self.copied += written
        self.kept += len(values) - written

    def put_example(self):
        """Copy the example, its config.json, and what brings the network up; these come last."""
        last = {k: v for k, v in self.device.files(self.options.example).items() if k in _LAST}
        if self.options.example:
            last["main.py"] = (EXAMPLES / self.options.example / "main.py").read_bytes()
        self._put_private({"/" + name: data for name, data in last.items()})

    def _put_private(self, wanted):
        if not wanted:
            self.show.say("nothing to copy")
            return
        there = board_code.hashes(self.programs, self.port, files=sorted(wanted))
        stage = files.Stage("private", private=True)
        try:
            self._put(stage, wanted, there)
        finally:
            stage.remove()

    def _remember(self, wanted):
        for path, data in wanted.items():
            self._wanted[path] = hashlib.sha256(data).hexdigest()

    def _put(self, stage, wanted, there):
        """Copy what differs. wanted: {path on the board: bytes}."""
        self._remember(wanted)
        paths = files.missing(wanted, there, self._wanted)
        self.copied += len(paths)
        self.kept += len(wanted) - len(paths)
        local = {path: stage.put(path.lstrip("/"), wanted[path]) for path in paths}
        files.copy(self.programs, self.port, local, self.show.progress)
        words = (
            "%d files to copy, %d are there"
            if self.programs.dry_run
            else "%d copied, %d were there"
        )
        self.show.say(words % (len(paths), len(wanted) - len(paths)))

    def _remove(self, paths):
        if paths:
            self.show.say("removing %d files that do not belong there" % len(paths))
            board_code.ask(self.programs, self.port, board_code.REMOVE, files=paths)

    def _fresh(self):
        """Whether a soft reset is harmless: a boot.py that waits for a network is not."""
        if self.programs.dry_run:
            return True
        return not board_code.hashes(self.programs, self.port, files=["/boot.py"])

    def selftest(self):
        """Run sigv4_mp.selftest on the board, and show what it says."""
        passed, lines = board_code.ask(
            self.programs,
            self.port,
            board_code.SELFTEST,
            fresh=self._fresh(),
            budget=self.board["memory"]["budget"],
            ca_file=self.device.ca_file,
        )
        for line in lines:
            self.show.say(line)
        if passed is False:
            raise FlashError("the self-test failed: see the line marked FAIL")

    def verify(self):
        """Hash on the board all that this job answers for."""
        there = board_code.hashes(self.programs, self.port, files=sorted(self._wanted))
        if self.programs.dry_run:
            return
        wrong = files.missing(self._wanted, there, self._wanted)
        if wrong:
            raise FlashError(
                "%d files are not what was written, %s first: run the same command again; if it "
                "stays so, the flash is worn out" % (len(wrong), wrong[0])
            )
        self.show.say("%d files are what they should be" % len(self._wanted))

    def next_step(self):
        """Return what to do now (str)."""
        words = "mpremote connect %s" % (self.port or "auto")
        if self.options.example:
            return "next: %s reset repl      # runs main.py; Ctrl-] leaves" % words
        return "next: add --example s3_upload, or %s repl" % words


# Written last: from boot.py on the board does something by itself.
_LAST = ("config.json", "wifi.json", "boot.py", "main.py")
