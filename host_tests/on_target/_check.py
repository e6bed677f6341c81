"""The checks of a script that runs on a target: a line for each, a count as the last one.

Runs on MicroPython and CPython; no third import, so that it fits beside the code under test.
"""

import sys

_counts = [0, 0]


def report(name, good, detail=""):
    """Count and print one check; return `good`."""
    _counts[0 if good else 1] += 1
    print(("ok " if good else "FAIL ") + name + ("" if good or not detail else ": " + detail))
    return good


def equal(name, found, wanted):
    """Check that two values are equal."""
    return report(name, found == wanted, "got %r, wanted %r" % (found, wanted))


def true(name, condition, detail=""):
    """Check that something holds."""
    return report(name, bool(condition), detail)


def raises(name, error, work, *args, **options):
    """Check that work(*args) raises `error` (a class); return the exception, or None."""
    try:
        value = work(*args, **options)
    except error as found:
        report(name, True)
        return found
    except Exception as found:
        report(name, False, "raised %r, wanted %s" % (found, error.__name__))
    else:
        report(name, False, "returned %r, wanted %s" % (value, error.__name__))
    return None


def done():
    """Print the count and end the script; the exit code is 1 if one failed or there was none."""
    print("%d passed, %d failed" % tuple(_counts))
    sys.exit(1 if _counts[1] or not _counts[0] else 0)
