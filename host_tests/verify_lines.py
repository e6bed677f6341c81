"""Input of `tools/verify.py`, made from what `tools/sign.py` answers to a case; and runs of it."""

import base64
import json
import re

from host_tests import textbook

SCRIPT = str(textbook.ROOT / "tools" / "verify.py")
HEAP = "1m"
_SAME = """access_key_id secret_access_key session_token region service normalize_path double_encode
    token_after_signing""".split()
_FOLD = re.compile(r"\r?\n[ \t]+")


def of(case, signed):
    """Return the line that verifies a signed case, for the moment it was signed at.

    signed: sign.py's answer. The body is sent with its length, as every client does.
    """
    line = {name: case[name] for name in _SAME if case.get(name) is not None}
    # A server of today joins folded lines before anybody reads them.
    headers = [[name, _FOLD.sub(" ", value)] for name, value in case["headers"] + signed["headers"]]
    line.update(method=case["method"], target=signed["target"], now=case["amz_date"])
    line.update(unsigned_payload=True, raw_target=True)
    length = 0
    if case.get("payload_hash"):
        length = 0 if case["payload_hash"] == textbook.EMPTY else 5
        line["payload_hash"] = case["payload_hash"]
    else:
        body = textbook.body_of(case)
        length = len(body)
        line["body_base64"] = base64.b64encode(body).decode()
    if length:
        headers.append(["Content-Length", str(length)])
    return dict(line, headers=headers)


def answers(target, cases, arguments=(), files=None, heap=HEAP):
    """Return the filter's answers on a target to lines (dicts), a list of dicts."""
    data = b"".join(json.dumps(case, ensure_ascii=False).encode() + b"\n" for case in cases)
    result = target.run(SCRIPT, arguments, files, stdin=data, heap=heap)
    assert (result.code, result.stderr) == (0, b""), result.stderr.decode(errors="replace")[-2000:]
    lines = result.stdout.splitlines()
    assert len(lines) == len(cases)
    return [json.loads(line) for line in lines]
