"""Dates as HTTP writes them: Date, and Retry-After where it is no number. No I/O."""

from ..amzdate import to_seconds

_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


# IMF-fixdate = day-name "," SP 2DIGIT SP month SP 4DIGIT SP 2DIGIT ":" 2DIGIT ":" 2DIGIT SP "GMT"
def http_seconds(text):
    """Return the Unix time of an HTTP date, int. Raises: RequestError. Source: RFC 9110 §5.6.7."""
    at = _MONTHS.find(text[8:11])
    month = 0 if at % 3 else at // 3 + 1
    clock = text[17:19] + text[20:22] + text[23:25]
    date = "%s%02d%sT%sZ" % (text[12:16], month, text[5:7], clock)
    return to_seconds(date)
