"""A day of telemetry, compressed: the heap stays flat, and in pieces as large as at the start."""

import pytest

from bench import measure

SEALS, EVERY, SAMPLES = 4000, 50, 21


@pytest.mark.targets("unix32")
def test_the_heap_stays_flat_and_whole(target, record_property):
    """Seals and uploads over one kept connection, with 128 KB; `make bench` does 100,000."""
    rows = measure.loop(target.name, SEALS, EVERY, SAMPLES)[1:]  # the first connects, and loads
    assert len(rows) >= 20 and rows[-1]["seals"] > SEALS * 0.9
    first, last = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    # Least and most of ten looks: a stale pointer on the stack may spoil one of them by chance.
    live = [min(row["live"] for row in half) for half in (first, last)]
    largest = [max(row["largest"] for row in half) for half in (first, last)]
    words = "alive %d, then %d B; largest free piece %d, then %d B" % (*live, *largest)
    record_property("telemetry", words)
    assert live[1] <= live[0] + 64, words
    assert largest[1] >= 0.97 * largest[0], words
