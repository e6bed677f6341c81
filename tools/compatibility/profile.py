"""The endpoint profile that follows from what was found: text to paste, and what to beware of."""

from sigv4_mp.net.endpoint import Profile, profile_of

from .finding import NO, WRONG, YES
from .probe_checksum import NAMES
from .probe_key import KEYS

_MODES = ("hash", "unsigned", "chunked", "chunked-trailer", "unsigned-trailer")
# What is dangerous not to know, most dangerous first.
_BEWARE = (
    ("refusal.signature", "it verifies no signature: anybody may read and write"),
    ("refusal.anonymous", "it wants no signature at all"),
    ("refusal.header_added", "x-amz-* headers added on the way are taken for yours"),
    ("refusal.host_unsigned", "a signature need not cover Host"),
    ("time.past", "a request may be replayed for ever"),
    ("presign.expired", "presigned URLs don't expire"),
    ("payload.wrong_hash", "a body changed on the way is stored, whatever hash was signed"),
    ("payload.wrong_chunk", "chunk signatures are not looked at"),
    ("payload.wrong_trailer", "trailer signatures are not looked at"),
    ("object.none_match", "If-None-Match: * overwrites"),
    ("object.range", "ranges are answered as if they were the whole: no resumed download"),
    ("many.wrong", "a list of keys to delete is not compared with its Content-MD5"),
)


def _bad(findings, name):
    return name in findings and findings[name].verdict in (NO, WRONG)


def _good(findings, name):
    return name in findings and findings[name].verdict == YES


def _checksums(findings, modes):
    """Return the names that are taken in each form that these modes have."""
    forms = ["header"] + (["trailer"] if "trailer" in " ".join(modes) else [])
    return [
        name
        for name in NAMES
        if all(_good(findings, "checksum.%s.%s" % (name, form)) for form in forms)
    ]


def make(findings, name, endpoint, region):
    """Return the Profile. Region rule, suffixes and port are those of a host that is known."""
    known = profile_of(endpoint)
    rules = {"region": "any " + region, "suffixes": "", "port": "any"}
    if known.name != "generic":
        rules = {field: getattr(known, field) for field in rules}
    modes = [mode for mode in _MODES if _good(findings, "payload." + mode)]
    path = _good(findings, "address.path") or not _good(findings, "address.virtual")
    return Profile(
        name,
        addressing="path" if path else "virtual",
        modes=" ".join(modes),
        checksums=" ".join(_checksums(findings, modes)),
        signs=None if _good(findings, "payload.signed_type") else "content-type",
        **rules,
    )


def beware(findings):
    """Return what whoever uses this server should know, a list of str."""
    lines = [text for name, text in _BEWARE if _bad(findings, name)]
    loose = [name for name in NAMES if _bad(findings, "checksum.%s.wrong" % name)]
    if loose:
        lines.append("a wrong checksum is not refused: " + ", ".join(loose))
    left = [mode for mode in _MODES if _bad(findings, "payload.%s.encoding" % mode)]
    if left:
        text = "objects keep Content-Encoding: aws-chunked, though they are not: "
        lines.append(text + ", ".join(left))
    wrong = [
        "`%s`" % name
        for name in _MODES
        if name in ("chunked", "chunked-trailer", "unsigned-trailer")
        and "payload." + name in findings
        and findings["payload." + name].verdict == WRONG
    ]
    if wrong:
        lines.append("it stores something else than was sent with " + ", ".join(wrong))
    keys = [words for name, (words, _) in KEYS.items() if _bad(findings, "key." + name)]
    if keys:
        lines.append("keys it can't do: " + ", ".join(keys))
    return lines


def can_be_made(findings):
    """Return whether all was asked that a profile says something about."""
    asked = {name.partition(".")[0] for name in findings}
    return {"payload", "checksum", "address"} <= asked


def snippet(profile, notes):
    """Return Python that makes this Profile, str; `profile` is what it defines."""
    lines = ["from sigv4_mp.net.endpoint import Profile", ""]
    lines += ["# Beware: " + note for note in notes]
    lines += ["profile = Profile(", '    "%s",' % profile.name]
    for field in "suffixes region addressing modes checksums port signs".split():
        value = getattr(profile, field)
        if value not in ("", None) or field == "checksums":
            lines.append('    %s="%s",' % (field, value))
    return "\n".join([*lines, ")"]) + "\n"
