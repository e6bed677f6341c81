"""The Date header in place of x-amz-date: loaded with the first request that has it."""

_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_DAYS = b"MonTueWedThuFriSatSun"


# IMF-fixdate = day-name "," SP 2DIGIT SP month SP 4DIGIT SP 2DIGIT ":" 2DIGIT ":" 2DIGIT SP "GMT"
def amz_date_of(value):
    """Return an HTTP date, bytes, as amz_date; b"" if it is none. Source: RFC 9110 §5.6.7.

    Whether day and hour exist is left to check_amz_date().
    """
    day, month = _DAYS.find(value[:3]), _MONTHS.find(value[8:11])
    if len(value) != 29 or value[25:] != b" GMT" or day < 0 or day % 3 or month < 0 or month % 3:
        return b""
    marks = value[3:5] + value[7:8] + value[11:12] + value[16:17] + value[19:20] + value[22:23]
    if marks != b",    ::":
        return b""
    clock = value[17:19] + value[20:22] + value[23:25]
    return b"%s%02d%sT%sZ" % (value[12:16], month // 3 + 1, value[5:7], clock)
