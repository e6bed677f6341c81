"""What `explain` found, told: redacted, every line and every attribute of it."""

from .explain_clock import zone
from .explain_redact import is_secret, query, scrub, value

_ELSEWHERE = "No memory for the text: see docs/debugging.md."
_NAME = 64  # characters of a header's or parameter's name, and of a code
_WINDOW = 72  # bytes of a line that are shown round the first difference


class Explanation:
    """The answer. str() of it is redacted, and so is each attribute.

    cause: str, a name of `explain_words.causes()`. field: str or None, the header, parameter or
    part that it is about. certainty: "certain", "likely" or "possible".
    ours, theirs: str, the lines round the first difference, or "". at: int, the first byte of ours
    that differs, or None. offset_s: int, seconds that our date is ahead of the server's, or None.
    also: list of (cause, field): what else differs, or may be it. code: str, the server's.
    """

    def __init__(self, ours, said, found, also=(), offset_s=None):
        self._known = ours.known if ours else ()
        self.cause, field, one, other, self.certainty = found
        self.field = self._name(field)
        self.code = scrub(said.code[:_NAME], self._known)
        self.offset_s = offset_s
        self.also = []
        for pair in also:
            if pair[:2] != found[:2] and pair[:2] not in self.also:
                self.also.append((pair[0], self._name(pair[1])))
        self.ours, self.theirs, self.at = _excerpts(self.cause, one, other, self._known)

    def _name(self, field):
        """Return a field as it may be shown: a name is the sender's text, too."""
        return field if field is None else scrub(field, self._known)[:_NAME]

    @property
    def what(self):
        """What the cause means, and of a clock how far it is off, str."""
        try:
            from .explain_words import meaning  # texts are large: loaded when asked for

            text = meaning(self.cause, self.field)
        except MemoryError:
            text = _ELSEWHERE
        if self.cause == "clock" and self.offset_s is not None:
            text += " " + _clock(self.offset_s)
        return text

    @property
    def remedy(self):
        """What to do, str."""
        try:
            from .explain_remedies import remedy

            return remedy(self.cause)
        except MemoryError:  # the cause is worth more than its text
            return _ELSEWHERE

    def lines(self):
        """Return the report, list of str, redacted."""
        out = ["cause:   %s (%s)" % (self.cause, self.certainty), "what:    " + self.what]
        if self.ours or self.theirs:
            out.append("ours:    " + self.ours)
            out.append("server:  " + self.theirs)
            if self.at is not None:
                out.append("         " + " " * self.at + "^ the first byte that differs")
        out.append("do:      " + self.remedy)
        if self.also:
            names = ["%s (%s)" % pair if pair[1] else pair[0] for pair in self.also[:8]]
            out.append("also:    " + ", ".join(names))
        if self.code:
            out.append("said:    " + self.code)
        return [scrub(line, self._known) for line in out]

    def __str__(self):
        return "\n".join(self.lines())

    def __repr__(self):
        return "<Explanation %s, %s>" % (self.cause, self.certainty)


def _clock(offset_s):
    text = "It is %d s %s the server's." % (abs(offset_s), "ahead of" if offset_s > 0 else "behind")
    local = zone(offset_s)
    return text + (" Looks like local time, %s: it must be UTC." % local if local else "")


def _excerpts(cause, one, other, known):
    """Return (ours, theirs, first byte that differs) as they may be shown, str."""
    if not one and not other:
        return "", "", None
    one, other = scrub(_shown(cause, one), known), scrub(_shown(cause, other), known)
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    if at == len(one) == len(other):
        return one, other, None  # equal as far as it may be shown
    start = max(0, at - _WINDOW // 2) if max(len(one), len(other)) > _WINDOW else 0
    cut = "..." if start else ""
    one, other = [cut + text[start : start + _WINDOW] for text in (one, other)]
    return one or "(nothing)", other or "(nothing)", at - start + len(cut)


def _shown(cause, data):
    """Return a part as it may be shown, str: one character a byte."""
    name, colon, rest = data.partition(b":")
    if cause[:5] == "query" or cause[:3] == "url" or b"=" in name:
        data = query(data)
    elif cause.split("-")[0] in ("header", "token", "payload") and (colon or is_secret(name)):
        data = name + colon + value(name, rest) if colon else value(name, data)
    return "".join([chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte for byte in data])
