"""Sections of a body that host_tests/core.py reads: one for each module under test."""

import sys

import _check


def run(*sections):
    """Call each function, a section named after it, then end the script."""
    for section in sections:
        print("== " + section.__name__)
        try:
            section()
        except Exception as error:
            _check.true("%s ran to its end" % section.__name__, False, repr(error))
            _show(error)
    print("== end")
    _check.done()


def _show(error):
    if hasattr(sys, "print_exception"):  # MicroPython
        sys.print_exception(error)
    else:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__, file=sys.stdout)


def refuses(error, field, work, *args, **options):
    """Check that work(*args) raises `error` with that field, and says something after it."""
    label = "%s refused: %r %r" % (field, args, options)
    try:
        found = work(*args, **options)
    except error as caught:
        good = caught.field == field and len(caught.message) >= 8
        _check.true(label, good, "field %r, %r" % (caught.field, caught.message))
    except Exception as caught:
        _check.true(label, False, "raised %r" % caught)
    else:
        _check.true(label, False, "returned %r" % (found,))
