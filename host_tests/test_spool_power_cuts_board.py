"""The spool on the emulated board's own littlefs, the power cut half-way through flash operations.

After each cut the board boots, opens the spool, reads all that is in it, and goes on from there,
until the next cut, which may come while it opens. What the board has told of before its power
failed is what must be there: what it says last may not have come through, which asks for less.
"""

import random
import re

import pytest

from host_tests import emulator_tools as tools
from tools.emulator.emulator import Emulator

pytestmark = pytest.mark.targets("rp2040")
CUTS = 40
CUTS_OF_SOAK = 600
LONGEST = 120  # operations from one cut to the next: several segments and acknowledgements
PROGRAM = """
from sigv4_mp.services.spool import Spool
def payload(seq):
    return (b"%d;" % seq * 60)[: 1 + seq * 37 % 100]
def told(text):
    print("told", text)
spool = Spool("/spool", max_bytes=65536, segment_bytes=4096, max_record=120, commit_bytes=256,
    on_event=told)
at = spool.acked
wrong = 0
for record in spool.read():
    at += 1
    if record.seq != at or bytes(record.payload) != payload(at):
        wrong += 1
print("found", spool.acked, at, wrong, spool.next_seq)
durable = 0
for count in range(1, 2000):
    spool.put(payload(spool.next_seq))
    if spool.durable != durable:
        durable = spool.durable
        print("durable", durable)
    if count % 40 == 0:
        seq = max(spool.acked, durable - count % 7)
        spool.ack(seq)
        print("acked", seq)
print("end")
"""


def highest(text, word):
    """Return the greatest number told of behind a word; 0 for none."""
    return max([int(one) for one in re.findall(r"^%s (\d+)\r?$" % word, text, re.M)], default=0)


def found(text):
    """Return (acked, last, wrong, next) as the board told when it had opened its spool, or None."""
    one = re.search(r"^found (\d+) (\d+) (\d+) (\d+)\r?$", text, re.M)
    return one and tuple(map(int, one.groups()))


def cut_again_and_again(emulator, cuts, seed):
    """Return (records that were read back, recoveries that were cut themselves)."""
    choose = random.Random(seed)
    durable = acked = read = unread = 0
    for i in range(cuts + 1):
        boots = emulator.command()["boots"]
        # The last one runs undisturbed as far as its "found".
        at = choose.randint(1, LONGEST if i % 3 else 12)
        if i < cuts:
            emulator.command(cut_in=at)
            text = tools.mpremote(emulator, "exec", PROGRAM, gone=True)
            tools.wait_for(emulator, "prompt", boots + 1)
        else:
            text = tools.mpremote(emulator, "exec", PROGRAM.partition("durable = 0")[0])
        assert "Traceback" not in text and "told" not in text and "end" not in text, text
        facts = found(text)
        if facts is None:
            unread += 1
            assert i < cuts, text
        else:
            assert facts[0] >= acked and facts[1] >= durable and facts[2] == 0, (
                "cut %d, in operation %d: acked %d, durable %d\n%s" % (i, at, acked, durable, text)
            )
            assert facts[3] == facts[1] + 1, text
            read += facts[1] - facts[0]
            acked, durable = facts[:2]
        durable = max(durable, highest(text, "durable"))
        acked = max(acked, highest(text, "acked"))
    assert len(emulator.events("power-cut")) == cuts
    assert durable > cuts * 4 and acked > cuts
    return durable, read, unread


@pytest.mark.parametrize("cuts", [CUTS, pytest.param(CUTS_OF_SOAK, marks=pytest.mark.soak)])
def test_power_cuts(target, cuts):
    with Emulator(fast_flash=True, ppp=False) as emulator:
        durable, read, unread = cut_again_and_again(emulator, cuts, seed=8)
    print(
        "%d power cuts: %d records made durable, %d read back after a cut, none lost, none torn; "
        "%d cuts came before the spool was open again" % (cuts, durable, read, unread)
    )
