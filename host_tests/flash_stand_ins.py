"""Stand-ins for mpremote and esptool, for what no emulated board can show: ESP32s, and failures.

    main("mpremote", STATE, ...)        the words that mpremote would get
    main("esptool", STATE, ...)

STATE is a JSON file: what the board is ("identity"), the files it has ("files": path to SHA-256),
what is to fail ("fail": part of a command line, words, how often), and every command line seen
("seen"). The failures' words were recorded from mpremote 1.29 and esptool 5.6 without a board; what
esptool says of a chip is from its source, since there is none here.
"""

import ast
import base64
import hashlib
import json
import pathlib
import re
import sys

MARK = "sigv4_mp:"
SECRET = "MARKED-secret-0123456789"
# A device's description, as tools/flash.py reads it: the secret, the file with the root.
TOML = """
[config]
endpoint = "https://s3.example"
region = "r"
bucket = "b"
key = "k"
file = "f"
ca_file = "ca.der"
[config.credentials]
access_key_id = "AKID"
secret_access_key = "%s"
[files]
"ca.der" = "%s"
"""


def answer(script, state):
    """Return the board's answer to a script of tools/flashing/board_code.py."""
    name = pathlib.Path(script).stem
    text = pathlib.Path(script).read_text()
    if name == "identify":
        return state["identity"]
    if name == "hashes":
        files, folders = (
            re.search(r"in (\[.*\]):\n    %s" % word, text) for word in ("one", "walk")
        )
        named = json.loads(files.group(1).replace("'", '"'))
        below = tuple(one + "/" for one in json.loads(folders.group(1).replace("'", '"')))
        return {k: v for k, v in state["files"].items() if k in named or k.startswith(below)}
    if name == "remove":
        for path in re.findall(r"'(/[^']*)'", text):
            state["files"].pop(path, None)
        return True
    return state["answers"].get(name, True)


def provision(path, state):
    """Play the board's SecretStore: what tools/provision.py asks, "store" has it as SHA-256."""
    text = path.read_text()
    state["modes"] = [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777]
    kept = state.setdefault("store", {})
    found = re.search(r'store.set\("(\w+)", a2b_base64\("(.*)"\)\)', text)
    if found:
        kept[found.group(1)] = hashlib.sha256(base64.b64decode(found.group(2))).hexdigest()
        print("stored", state["answers"].get("stored", kept[found.group(1)]))
        return
    for name in ast.literal_eval(re.search(r"for name in (.*):", text).group(1)):
        if name in kept:
            print("holds", name, kept[name])


def asked(text, function):
    """Return the list of paths that a script calls a function with."""
    return ast.literal_eval(re.search(r"in (\[.*\]):\n    %s" % function, text).group(1))


def mpremote(words, state):
    """Play mpremote: connect PORT [resume] run FILE | fs cp A :B + …"""
    assert words[0] == "connect"
    rest = [word for word in words[2:] if word != "resume"]
    if rest[0] == "run":
        if state["identity"] is None:
            fail("mpremote.transport.TransportError: could not enter raw repl")
        if rest[1].endswith("/provision.py"):
            return provision(pathlib.Path(rest[1]), state)
        print(MARK + json.dumps(answer(rest[1], state)))
    elif rest[:2] == ["fs", "cp"]:
        for at in range(0, len(rest), 5):
            local, remote = rest[at + 2], rest[at + 3].lstrip(":")
            state["files"][remote] = hashlib.sha256(pathlib.Path(local).read_bytes()).hexdigest()


def esptool(words, state):
    """Play esptool: what it writes is then what runs."""
    if "write-flash" in words:
        state["identity"] = state["after_flash"]
        print("Hash of data verified.")


def fail(words):
    print(words, file=sys.stderr)
    sys.exit(1)


def main(role, path, *words):
    """Play a program; print what it would. Raises: SystemExit when it would fail."""
    path = pathlib.Path(path)
    state = json.loads(path.read_text())
    state["seen"].append([role, *words])
    try:
        wrong = state.get("fail")
        if wrong and wrong["times"] and wrong["when"] in " ".join([role, *words]):
            wrong["times"] -= 1
            fail(wrong["words"])
        globals()[role](list(words), state)
    finally:
        path.write_text(json.dumps(state))
