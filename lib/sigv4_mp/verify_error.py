"""How a verifier says no."""

from .errors import SigV4Error


class VerifyError(SigV4Error):
    """The request is refused; nothing of it may be believed.

    status: int, the HTTP status to answer with. code, message: str, AWS's code and a sentence,
    both fit for the peer: they hold no secret, no token and nothing of the canonical request.
    rule: str, which rule was broken, the same in every release: for your log and not for the peer,
    for it tells an unknown key from a wrong signature. `verify_rules.py` has all of them.
    detail: str or None, what it is about, such as a header's name; of the peer's own words at most
    64 printable characters. server_time: str amz_date, where the request's date was refused.
    """

    def __init__(self, rule, s3, detail=None, by_query=False, server_time=None):
        """s3: bool, answer as S3 does. by_query: bool, the signature stood in the query."""
        from .verify_rules import answer  # those who never see one don't pay for it

        self.status, self.code, text = answer(rule, s3, by_query)
        if detail is not None:
            detail = _tame(detail)
            text = "%s: %s" % (text, detail)
        super().__init__(None, "%s (HTTP %d): %s" % (self.code, self.status, text))
        self.message = text
        self.rule = rule
        self.detail = detail
        self.server_time = server_time


def _tame(detail):
    """Return what a peer may have written as a short line of plain text."""
    if isinstance(detail, str):
        return detail
    return "".join([chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in detail[:64]])
