"""Which region an S3 endpoint is in, and whether a redirect to another one is to be followed.

Policy only, like endpoint.py: no I/O, no time. Loaded when a server redirects, or when asked for a
region.
"""

from .endpoint import is_below, split

# Partitions of AWS do not know each other's credentials: a redirect never leaves one.
_PARTITIONS = ("us-gov-", "cn-", "eusc-", "us-iso-", "us-isob-", "us-isof-", "eu-isoe-")
_NO_CODE = (None, "400")


def region_of(profile, endpoint):
    """Return the region to sign for, str; None where only the server's owner can tell.

    endpoint: "https://host[:port]".
    """
    host = split(endpoint)[1]
    rule, _, usual = profile.region.partition(" ")
    if rule == "host":
        found = _region_in(host, profile.family(host))
        return found or (usual or None if host.startswith("s3.") else None)
    return usual or rule


def redirect(profile, endpoint, region, status, headers, code=None, named=None):
    """Return (endpoint, region) to send the request to, signed anew, once; None: do not.

    endpoint, region: str, where the refused request went, without the bucket, and what it was
    signed for. status: int. headers: dict, lower-case names. code, named: <Code> and <Region> of
    the error's body, str or None. The new host is made from the old one and the region that the
    server names, never from what the server says the host is. None for plain HTTP; for a Location
    that is not https or not of the same host family; for another AWS partition; and where nothing
    would change, which would be a loop. The caller follows one, not a chain of them.
    Source: S3 user guide, "Making requests: request redirection and the REST API".
    """
    scheme, host, port = split(endpoint)
    if scheme != "https" or status not in (301, 302, 307, 400):
        return None
    bucket_region = headers.get("x-amz-bucket-region")
    # HEAD has no body to name a code, and 400 alone is no redirect: then the header must say it.
    if status == 400 and code != "AuthorizationHeaderMalformed" and (named or code not in _NO_CODE):
        return None
    named = named or bucket_region
    location = headers.get("location", "")
    if location and (location[0] != "/" or location[:2] == "//"):
        to_scheme, to_host, to_port = split(location)
        if to_scheme != "https" or to_port != port or not is_below(to_host, profile.family(host)):
            return None
        named = named or _region_in(to_host, profile.family(to_host))
    if not named or not _is_region(named) or _partition(named) != _partition(region):
        return None
    to_host = _in_region(profile, host, named)
    if to_host is None or (to_host == host and named == region):
        return None
    return "https://" + to_host + (":" + port if port else ""), named


def _is_region(name):
    good = 0 < len(name) <= 32 and name[0] not in "-0123456789"
    for char in name:
        good = good and ("a" <= char <= "z" or "0" <= char <= "9" or char == "-")
    return good


def _looks_regional(label):
    """eu-west-1, us-gov-east-1, us-west-004; but not external-1, nor an alias such as nl-1."""
    parts = label.split("-")
    return len(parts) > 2 and parts[-1].isdigit() and parts[0].isalpha()


def _partition(region):
    for prefix in _PARTITIONS:
        if region.startswith(prefix):
            return prefix
    return ""


def _labels(host, family):
    """Return the labels before the family's suffix: ["s3", "dualstack", "eu-west-1"]."""
    return host[: -len(family) - 1].split(".")


def _region_in(host, family):
    labels = _labels(host, family)
    if labels[-1] == "vpce":
        labels.pop()
    if _looks_regional(labels[-1]):
        return labels[-1]
    if labels[-1][:3] == "s3-" and _looks_regional(labels[-1][3:]):  # s3-eu-west-1, until 2019
        return labels[-1][3:]
    return None


def _in_region(profile, host, region):
    """Return the host of the same family that serves a region, or None if there can't be one."""
    if profile.region[:4] != "host":
        return host
    family = profile.family(host)
    labels = _labels(host, family)
    found = _region_in(host, family)
    if found == region:
        return host
    if found is None:
        if labels[-1] != "s3":  # s3-accelerate, s3-external-1, ...
            return None
        labels.append(region)
    elif labels[-1] == "vpce":  # it ends in one network of one region
        return None
    elif labels[-1] == found:
        labels[-1] = region
    else:
        labels[-1:] = ["s3", region]
    return ".".join(labels) + "." + family
