"""Overwrite what the interpreter has freed but not erased. MicroPython only; elsewhere it can't.

wipe() overwrites what the library still holds. Copies that Python itself made (a digest, a token, a
request's head) are freed, not erased, and stay readable in RAM until something else lands there.
"""

import gc


def scrub():
    """Fill all free heap with zeros and free it again. Return the bytes overwritten, int.

    Call it after wipe(), with no other task at work: for a moment there is no free memory at all.
    Returns 0 on CPython, whose heap has no end.
    """
    if not hasattr(gc, "mem_free"):
        return 0
    gc.collect()
    chain = None
    total = 0
    size = gc.mem_free()
    while size >= 16:
        try:
            chain = (chain, bytearray(size))
            total += size
        except MemoryError:
            size //= 2
    chain = _fill_holes(chain)
    chain = None
    gc.collect()
    return total


def _fill_holes(chain):
    """Fill the holes of a single block: a pair is just as large, on 32 and on 64 bits."""
    try:
        while True:
            chain = (chain, None)
    except MemoryError:
        return chain
