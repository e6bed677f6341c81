#!/usr/bin/env python3
"""Small manifests, one for each part of the library: who signs only need not store the rest.

    python3 tools/pieces.py            say whether manifests/ is up to date
    python3 tools/pieces.py --write    bring it up to date

manifests/NAME.py is to be included in a board's manifest, beside those it needs; no file is in two
of them. manifests/NAME.json is for `mpremote mip install manifests/NAME.json` from a checkout, and
holds what it needs as well.
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import mip_index

LIBRARY = ROOT / "lib" / "sigv4_mp"
MANIFESTS = ROOT / "manifests"
# name: (what for, what it needs, its modules; a folder's other modules go to the piece named last)
PIECES = {
    "core": ("sign with a header, given the time", "", "*"),
    "device": ("credentials, the clock", "core", "device/*"),
    "presign": ("presigned URLs", "core", "presign"),
    "post_policy": ("S3 POST policies", "core presign", "post_policy"),
    "chunked": ("signed chunks, checksums", "core", "chunked checksum"),
    "own_client": ("headers for an HTTP client of your own", "core", "own_client"),
    "ntp": (
        "ask NTP servers, and set a clock",
        "core device net",
        "device/sntp device/agreement device/poll net/ntp net/clock",
    ),
    "net": ("HTTP and TLS, retries, endpoints", "core device", "net/*"),
    "aio": ("the same for asyncio", "core device net", "net/aio"),
    "services": ("S3 and the other services", "core device net chunked presign", "services/*"),
    "verify": (
        "verify requests that others signed",
        "core chunked",
        "verify verify_head verify_auth verify_claim verify_key verify_body verified verify_error "
        "verify_rules verify_date verify_chunks replay",
    ),
    "explain": (
        "why a server refused a signature",
        "core",
        "explain explain_checks explain_clock explain_codes explain_diff explain_head explain_ours "
        "explain_redact explain_remedies explain_report explain_said explain_watch explain_words",
    ),
    "selftest": ("the self-test", "core device net chunked presign", "selftest"),
}
_HOST_ONLY = {"net/_cpython", "net/identity_files"}


def modules():
    """Return {piece: [module, ...]} of the whole library, modules named "net/http"."""
    named, rest = {}, {}
    for piece, (_, _, words) in PIECES.items():
        for word in words.split():
            folder, star, _ = word.partition("*")
            (rest if star else named)[folder if star else word] = piece
    found = {piece: [] for piece in PIECES}
    for path in sorted(LIBRARY.rglob("*.py")):
        module = path.relative_to(LIBRARY).with_suffix("").as_posix()
        if module not in _HOST_ONLY:
            folder = module.rpartition("/")[0]
            found[named.get(module) or rest[folder + "/" if folder else ""]].append(module)
    return found


def closure(piece):
    """Return the pieces (list of str) that a piece needs, itself last."""
    return [*PIECES[piece][1].split(), piece]


def manifest(piece, names):
    """Return the text of manifests/<piece>.py."""
    title, needs, _ = PIECES[piece]
    lines = ["# Made by tools/pieces.py: %s." % title]
    if needs:
        lines.append("# Include these as well: %s." % ", ".join(needs.split()))
    if len(names) == 1:  # as ruff formats it
        files = '    ("%s.py",),' % names[0]
    else:
        files = "    (\n" + "".join('        "%s.py",\n' % name for name in names) + "    ),"
    lines += ["package(", '    "sigv4_mp",', files, '    base_path="../lib",', ")"]
    return "\n".join(lines) + "\n"


def index(piece, found):
    """Return the text of manifests/<piece>.json."""
    files = sorted(name for one in closure(piece) for name in found[one])
    urls = [["sigv4_mp/%s.py" % name, "../lib/sigv4_mp/%s.py" % name] for name in files]
    content = {"urls": urls, "deps": [], "version": mip_index.version()}
    return json.dumps(content, indent=2) + "\n"


def wanted():
    """Return {file name: text} of all that manifests/ must hold."""
    found = modules()
    texts = {}
    for piece, names in found.items():
        texts[piece + ".py"] = manifest(piece, names)
        texts[piece + ".json"] = index(piece, found)
    return texts


def main(arguments):
    """Run the command line; return the exit code."""
    texts = wanted()
    there = {path.name: path for path in MANIFESTS.glob("*") if path.is_file()}
    if "--write" in arguments:
        MANIFESTS.mkdir(exist_ok=True)
        for name in set(there) - set(texts):
            there[name].unlink()
        for name, text in texts.items():
            (MANIFESTS / name).write_text(text, encoding="utf-8")
    elif {name: path.read_text(encoding="utf-8") for name, path in there.items()} != texts:
        print("manifests/ is out of date: run python3 tools/pieces.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
