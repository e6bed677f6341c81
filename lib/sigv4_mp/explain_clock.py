"""How far our date is from the server's, and what that looks like."""

from .explain_said import seconds

S3_SERVICES = (b"s3", b"s3express", b"s3-outposts", b"s3-object-lambda")
"""Services that take the path as it is, encoded once."""


def offset(ours, said):
    """Return how many seconds our date is ahead of the server's, int, or None."""
    date = seconds(ours.amz_date) if ours.amz_date else None
    return None if date is None or said.server_s is None else date - said.server_s


def zone(offset_s):
    """Return "UTC+2" if a clock that far ahead looks like local time, else None.

    Zones are whole quarters of an hour; two minutes off are allowed.
    """
    quarters = (abs(offset_s) + 450) // 900
    if not 2 <= quarters <= 56 or abs(abs(offset_s) - quarters * 900) > 120:
        return None
    hours, rest = divmod(quarters, 4)
    sign = "+" if offset_s > 0 else "-"
    return "UTC" + sign + "%d" % hours + (":%02d" % (rest * 15) if rest else "")


def tolerance(ours):
    """Return the seconds that the service tolerates, int."""
    return 900 if ours.scope and ours.scope[2] in S3_SERVICES else 300


def expired_by(ours, said):
    """Return how many seconds ago a presigned URL expired by the server's time, or None."""
    ahead = offset(ours, said)
    lifetime = ours.parameter(b"X-Amz-Expires")
    return -ahead - int(lifetime) if ahead is not None and lifetime.isdigit() else None
