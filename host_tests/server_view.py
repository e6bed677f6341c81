"""What a server makes of the bytes that would be sent: its half of SigV4, written from the guide.

It takes a request head and knows of the request only what a server knows: its own path policy, the
secret, and the body's hash where no header says it. So it proves that what is sent is what was
signed. Nothing of the library is used; of the textbook, the canonical forms.
"""

from host_tests import textbook


class Refused(Exception):
    """The server does not accept the request; says why."""


def parse_head(head):
    """Return (method, target, [(name, value)]) of a request head, str. Raises: Refused."""
    lines = head.split("\r\n")
    if lines[-2:] != ["", ""] or "" in lines[:-2] or "\n" in "".join(lines):
        raise Refused("the head does not end in one empty line")
    method, target, version = lines[0].split(" ")
    if version != "HTTP/1.1" or not target.isascii() or not target.isprintable():
        raise Refused("the request line is none: %r" % lines[0])
    return method, target, [tuple(line.split(": ", 1)) for line in lines[1:-2]]


def verify(head, case):
    """Raise Refused unless the head is signed as case["secret_access_key"]'s owner would.

    case: gives the policies, the secret, region, service and the payload hash.
    """
    method, target, headers = parse_head(head)
    present = {name.lower() for name, _ in headers}
    if [name.lower() for name, _ in headers].count("host") != 1:
        raise Refused("not one Host")
    facts = _claims(target, headers)
    for name in facts["names"].split(";"):
        if name not in present:
            raise Refused("signed header %s is not sent" % name)
    _check_covered(present, facts)
    canonical = _canonical(method, target, headers, facts, case)
    signed = textbook.sign(dict(case, amz_date=facts["date"]))  # for key and scope only
    if facts["credential"] != case["access_key_id"] + "/" + signed.credential_scope:
        raise Refused("credential %s" % facts["credential"])
    text = textbook.string_to_sign(facts["date"], signed.credential_scope, canonical)
    if textbook.signature(dict(case, amz_date=facts["date"]), text) != facts["signature"]:
        raise Refused("signature; the server's canonical request is:\n" + canonical)


def _claims(target, headers):
    """Return what the request says of its own signature."""
    for name, value in headers:
        if name.lower() == "authorization":
            algorithm, _, rest = value.partition(" ")
            fields = dict(field.split("=", 1) for field in rest.split(", "))
            date = [value for name, value in headers if name.lower() == "x-amz-date"][0]
            names = ("Credential", "SignedHeaders", "Signature")
            credential, signed, signature = (fields[name] for name in names)
            break
    else:
        query = dict(textbook.query_pairs(target.partition("?")[2].encode()))
        names = ("Algorithm", "Date", "Credential", "SignedHeaders", "Signature")
        algorithm, date, credential, signed, signature = (
            query[b"X-Amz-" + name.encode()].decode() for name in names
        )
    if algorithm != "AWS4-HMAC-SHA256":
        raise Refused("algorithm %s" % algorithm)
    return {"date": date, "credential": credential, "names": signed, "signature": signature}


def _check_covered(present, facts):
    """The guide: host, and every x-amz-* header that is sent, must be signed."""
    names = facts["names"].split(";")
    missing = {name for name in present if name == "host" or name.startswith("x-amz-")} - set(names)
    # The token may be added after signing (AWS's suite: post-sts-header-after), by choice.
    if missing - {"x-amz-security-token"}:
        raise Refused("sent, not signed: %s" % missing)
    if names != sorted(set(names)):
        raise Refused("signed headers not sorted")


def _canonical(method, target, headers, facts, case):
    path, _, query = target.partition("?")
    pieces = [p for p in query.split("&") if p and not p.startswith("X-Amz-Signature=")]
    if case.get("token_after_signing"):
        pieces = [piece for piece in pieces if not piece.startswith("X-Amz-Security-Token=")]
    values = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.replace("\t", " "))
    lines = [method, textbook.canonical_path(dict(case, target=path))]
    lines.append(textbook.canonical_query("&".join(pieces).encode()))
    for name in facts["names"].split(";"):
        lines.append("%s:%s" % (name, ",".join(_trim(value) for value in values[name])))
    sent = [value for name, value in headers if name.lower() == "x-amz-content-sha256"]
    return "\n".join(lines + ["", facts["names"], (sent or [textbook.payload_hash(case)])[0]])


def _trim(value):
    while "  " in value:
        value = value.replace("  ", " ")
    return value.strip(" ")
