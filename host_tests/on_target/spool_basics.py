"""services/spool.py on a target: group commit, policies, acknowledgements, damage."""

import gc
import sys

import _section
from _check import equal, raises, true
from spool_medium import Ram, entropy

from sigv4_mp.errors import RequestError
from sigv4_mp.services.frame import CURSOR, LAST_SEQ, pack
from sigv4_mp.services.letters import Letters
from sigv4_mp.services.spool import Spool, SpoolFull


class Clock:
    ms = 0

    def __call__(self):
        return self.ms & 0x3FFFFFFF


def make(medium, told=None, **changes):
    """Return a small Spool."""
    options = {"max_bytes": 4096, "segment_bytes": 512, "max_record": 100, "commit_bytes": 200}
    options.update(changes)
    options.setdefault("ticks", Clock())
    options.setdefault("entropy", entropy)
    return Spool(medium, on_event=None if told is None else told.append, **options)


def fill(spool, count):
    """Put records "1", "2", … named by their number; commit."""
    for _ in range(count):
        spool.put(b"%d" % spool.next_seq)
    spool.commit()


def seqs(spool, after=None):
    """Return the numbers of what can be read; check that each holds its number."""
    found = []
    for record in spool.read(after):
        found.append(record.seq)
        if bytes(record.payload) != b"%d" % record.seq:
            true("record %d" % record.seq, False, repr(bytes(record.payload)))
    return found


def grouping():
    clock = Clock()
    medium = Ram()
    spool = make(medium, ticks=clock, commit_ms=1000)
    equal("nothing waits", spool.due_ms(), None)
    name = spool.next_id
    equal("first number", spool.put(b"x" * 84, 1700000000, 9), 1)
    equal("waits", (spool.due_ms(), spool.durable, seqs(spool)), (1000, 0, []))
    clock.ms = 400
    equal("age", spool.poll(), 600)
    clock.ms = 1000
    equal("by age", (spool.poll(), spool.durable), (None, 1))
    record = next(iter(spool.read()))
    equal(
        "as put", (bytes(record.payload), record.time_s, record.stream), (b"x" * 84, 1700000000, 9)
    )
    equal("id", record.id, "%s-00000001" % "".join("%02x" % byte for byte in spool.spool_id))
    equal("as foretold", record.id, name)
    spool.put(b"y" * 84)
    spool.put(b"z" * 84)
    equal("by bytes", spool.durable, 3)
    equal("commits", spool.counters["commits"], 2)
    at_once = make(Ram(), commit_ms=0)
    at_once.put(b"1")
    equal("each at once", (at_once.durable, seqs(at_once)), (1, [1]))
    large = make(Ram(), commit_bytes=20)
    fill(large, 5)
    large.put(b"6" * 100)
    equal("longer than commit_bytes", large.durable, 6)


def acknowledging():
    medium = Ram()
    spool = make(medium)
    fill(spool, 100)
    segments = len(spool.firsts)
    true("several segments", segments > 3)
    spool.ack(50)
    equal("behind it", seqs(spool), list(range(51, 101)))
    equal("from anywhere", seqs(spool, 70), list(range(71, 101)))
    true("segments go", len(spool.firsts) < segments)
    equal("backlog", spool.backlog, 50)
    spool.ack(20)
    equal("never backwards", spool.acked, 50)
    spool.put(b"101")
    raises("not what is in RAM only", RequestError, spool.ack, 101)
    spool.ack(100)
    equal("the newest segment stays", (len(spool.firsts), spool.backlog), (1, 0))
    spool = make(medium.again())
    equal("numbers go on", (spool.next_seq, spool.acked), (101, 100))
    reading = spool.read()
    fill(spool, 3)
    equal("reads what is added meanwhile", next(reading).seq, 101)
    fill(spool, 60)
    equal("into the next segments", [record.seq for record in reading], list(range(102, 164)))
    first = spool.read()
    next(first)
    next(spool.read())
    raises("one at a time", RequestError, next, first)


def full():
    medium = Ram()
    told = []
    spool = make(medium, told, max_bytes=2048, policy="refuse")
    error = raises("refuse", SpoolFull, fill, spool, 1000)
    true("says so", "bytes are used" in str(error))
    count = spool.next_seq - 1
    equal("counted", spool.counters["refused"], 1)
    spool.commit()
    spool.ack(spool.durable - 10)
    true("room again", spool.put(b"x") == count + 1)
    spool = make(Ram(), told, max_bytes=2048, policy="drop_newest")
    for i in range(200):
        spool.put(b"%d" % (i + 1))
    spool.commit()
    kept = seqs(spool)
    equal("newest dropped", len(kept) + spool.counters["dropped_newest"], 200)
    equal("oldest kept", kept[:3], [1, 2, 3])
    spool = make(Ram(), told, max_bytes=2048)
    fill(spool, 200)
    kept = seqs(spool)
    equal("oldest dropped", kept, list(range(201 - len(kept), 201)))
    equal("all counted", len(kept) + spool.counters["dropped_oldest"], 200)
    true("told", "for space" in told[-1])
    true("within bounds", spool.stored <= 2048)


def medium_full():
    for kind in ("whole", "torn"):
        medium = Ram(kind)
        medium.capacity = 1500
        spool = make(medium, policy="refuse")
        raises("%s: medium full" % kind, SpoolFull, fill, spool, 1000)
        durable = spool.durable
        equal("what was durable is there", seqs(spool), list(range(1, durable + 1)))
        spool.ack(durable)
        medium.capacity = 5000
        fill(spool, 5)
        equal("and what waited, too", seqs(spool), list(range(durable + 1, spool.next_seq)))
        del medium.files["cursor"]
        again = medium.again()
        again.capacity = 0
        spool = make(again)
        equal("no cursor, and no room for one", seqs(spool)[-1], spool.durable)
        new = Ram(kind)
        new.capacity = 0
        raises("a new spool needs some room", OSError, make, new)
        medium = Ram(kind)
        spool = make(medium)
        fill(spool, 40)
        medium.capacity = sum(len(data) for data in medium.files.values())
        fill(spool, 40)
        found = seqs(spool)
        equal("%s: the oldest makes room" % kind, found[-1], 80)
        equal("counted", found[0] - 1, spool.counters["dropped_oldest"])


def failing():
    medium = Ram()
    spool = make(medium)
    fill(spool, 10)
    medium.failing["append"] = 5
    spool.put(b"11")
    raises("EIO", OSError, spool.commit)
    equal("it waits", (spool.durable, spool.next_seq), (10, 12))
    medium.failing.clear()
    spool.commit()
    equal("it comes through", seqs(spool), list(range(1, 12)))
    medium.failing["replace"] = 5
    raises("EIO of the cursor", OSError, spool.ack, 5)
    equal("not acknowledged", spool.acked, 0)
    medium.failing.clear()
    fill(spool, 100)
    medium.failing["read"] = 84
    told = []
    spool = make(medium.again(), told)
    medium = spool.folder
    equal("numbers", spool.next_seq, 112)
    medium.failing["read"] = 84
    raises("first", OSError, seqs, spool)
    raises("second", OSError, seqs, spool)
    equal("the third sets it aside, then the next fails", len(spool.aside), 0)
    raises("third", OSError, seqs, spool)
    equal("set aside", (len(spool.aside), spool.counters["set_aside"]), (1, 1))
    medium.failing.clear()
    found = seqs(spool)
    equal("the others are there", found, list(range(found[0], 112)))
    equal("and it is counted", spool.counters["damaged"], found[0] - 1)
    equal("told", len([text for text in told if "can't be read" in text]), 1)
    again = medium.again()
    again.failing["read"] = 5
    raises("nothing can be read at start", OSError, make, again)
    again.failing.clear()
    equal("nothing was changed", seqs(make(again)), found)
    again.files["cursor"] = bytearray(b"?")
    again.failing["read"] = 5
    raises("the cursor is damaged, too", OSError, make, again)
    again.failing.clear()
    spool = make(again)
    equal(
        "the same spool",
        (spool.spool_id, seqs(spool)),
        (medium.files["00000%03x.seg" % found[0]][16:24], found),
    )


def damage():
    medium = Ram()
    spool = make(medium)
    fill(spool, 100)
    spool.ack(3)
    names = sorted(name for name in medium.files if ".seg" in name)
    whole = {name: bytes(data) for name, data in medium.files.items()}

    def again(**changes):
        for name, data in changes.items():
            medium.files[name.replace("_", ".")] = bytearray(data)
        told = []
        return make(medium.again(), told), told

    def restore():
        medium.files.clear()
        medium.files.update({name: bytearray(data) for name, data in whole.items()})

    medium.files[names[1]][100] ^= 4
    spool, told = again()
    found = seqs(spool)
    equal("one bit, one record", len(found), 96)
    equal("counted", spool.counters["damaged"], 1)
    true("told", "damaged" in told[-1])
    equal("counted once", (len(seqs(spool)), spool.counters["damaged"]), (96, 1))

    restore()
    del medium.files["cursor"]
    spool, told = again()
    true("cursor missing: told", "no cursor" in told[0])
    equal("all again", seqs(spool), list(range(1, 101)))
    equal("same ids", spool.spool_id, whole["cursor"][16:24])
    equal("and it is there again", "cursor" in medium.files, True)

    restore()
    medium.files["cursor"][20] ^= 1
    spool, told = again()
    true("cursor damaged: told", "the cursor is damaged" in told[0])
    equal("all again", seqs(spool), list(range(1, 101)))

    restore()
    spool, told = again(cursor_new=bytes(24))
    equal("half a cursor beside it", (spool.acked, told), (3, []))

    restore()
    newer = bytearray(24)
    pack(newer, 0, CURSOR, 0, 60, 0, whole["cursor"][16:24])
    spool, told = again(cursor_new=newer)
    equal("a whole one that was not renamed counts", (spool.acked, told), (60, []))
    spool.ack(70)
    spool, told = again(cursor_new=newer)
    equal("but not when it is the older one", (spool.acked, told), (70, []))

    restore()
    for name in names:
        del medium.files[name]
    spool, told = again()
    equal("the cursor alone", (spool.next_seq, spool.backlog), (4, 0))
    medium.files["cursor"] = medium.files["cursor"][:20]
    spool, told = again()
    true("nothing at all: another id", spool.spool_id != whole["cursor"][16:24])

    restore()
    spool, told = again()
    spool.ack(100)
    name = sorted(medium.files)[0]
    medium.files[name] = medium.files[name][:-25]
    spool, told = again()
    true("the end of what was acknowledged is lost", spool.next_seq > 100 and spool.backlog == 0)
    fill(spool, 3)
    equal("no matter", (len(seqs(spool)), spool.counters["damaged"]), (3, 0))

    restore()
    medium.files["00001000.seg"] = bytearray(whole[names[0]])
    spool, told = again()
    true("the same segment twice: told", "says that it is another segment" in told[0])
    equal("nothing twice, nothing lost", seqs(spool), list(range(4, 101)))
    true("set aside", "00001000.bad" in medium.files)
    true("its numbers are not used", spool.next_seq > 0x1000)
    spool, told = again()
    true("nor later", spool.next_seq > 0x1000 and not told)
    fill(spool, 3)
    equal("not damaged", (len(seqs(spool)), spool.counters["damaged"]), (100, 0))

    restore()
    medium.files[names[1]] = bytearray(whole[names[2]])
    spool, told = again()
    found = seqs(spool)
    equal("one segment is another's", 97 - len(found), spool.counters["damaged"])
    equal("set aside", spool.counters["set_aside"], 1)

    restore()
    del medium.files[names[1]]
    spool, told = again()
    equal("one is missing", 97 - len(seqs(spool)), spool.counters["damaged"])
    true("told", "damaged" in told[-1])

    restore()
    medium.files[names[-1]] = medium.files[names[-1]][:-3]
    spool, told = again()
    equal("cut short", seqs(spool), list(range(4, 100)))
    true("told", "cut off, or damaged" in told[0])
    true("its number is not used again", spool.next_seq > 100)
    fill(spool, 2)
    equal("goes on", len(seqs(spool)), 98)
    equal("no damage by the gap", spool.counters["damaged"], 0)

    restore()
    medium.files["notes.txt"] = bytearray(b"mine")
    spool, told = again()
    true("not ours", "left alone" in told[0] and medium.files["notes.txt"] == b"mine")

    restore()
    other = Ram()
    fill(make(other), 100)
    medium.files[names[1]] = other.files[names[1]]
    spool, told = again()
    equal("another device's segment", 97 - len(seqs(spool)), spool.counters["damaged"])
    true("told", [text for text in told if "another spool's" in text])


def letters():
    spool = make(Ram(), [], max_record=60)
    fill(spool, 60)
    box = Letters(spool, 1024)
    for record in spool.read():
        box.add(record, "because\nof %d" % record.seq)
    found = [(record.seq, bytes(record.payload), why) for record, why in box.read()]
    equal("the newest", found[-1], (60, b"60", "because of 60"))
    equal("all but what made room", len(found) + box.dropped, 60)
    equal("in order", [one[0] for one in found], list(range(61 - len(found), 61)))
    true("bounded", sum(spool.folder.size(name) for name in ("letters", "letters.old")) <= 1024)
    spool.folder.files["letters"].extend(b"torn")
    box = Letters(make(spool.folder.again(), max_record=60), 1024)
    equal("after a reset", len(list(box.read())), len(found))
    box.remove()
    equal("removed", list(box.read()), [])


def settings():
    for wrong in (
        {"policy": "drop"},
        {"max_record": 0},
        {"max_record": 65536},
        {"segment_bytes": 100},
        {"max_bytes": 1000},
        {"commit_bytes": 600},
    ):
        raises(repr(wrong), RequestError, make, Ram(), **wrong)
    spool = make(Ram())
    raises("empty", RequestError, spool.put, b"")
    raises("too long", RequestError, spool.put, b"x" * 101)
    spool.next_seq = LAST_SEQ
    equal("the last number", spool.put(b"x"), LAST_SEQ)
    raises("no more", RequestError, spool.put, b"x")
    medium = Ram()
    fill(make(medium), 10)
    spool = make(medium.again(), max_record=10)
    equal("smaller records now", len(seqs(spool)), 10)
    spool = make(medium.again(), max_record=300, max_bytes=8192)
    spool.put(b"y" * 300)
    spool.commit()
    equal("larger ones now", [len(bytes(r.payload)) for r in spool.read()][-1], 300)
    equal("and smaller again", len(list(make(medium.again()).read())), 11)


def memory():
    """Neither the backlog nor time costs RAM."""
    if not hasattr(gc, "mem_alloc") or sys.platform == "webassembly":
        true("only MicroPython can tell; WebAssembly's collects between programs only", True)
        return
    spool = make(Ram(), max_bytes=1 << 16)
    clock = spool.ticks
    held = []
    for _ in range(6):
        for _ in range(300):
            spool.put(b"12345678")
            clock.ms += 1000
        spool.commit()
        for record in spool.read():
            seq = record.seq
        spool.ack(seq)
        gc.collect()
        held.append(gc.mem_alloc() - sum(len(data) for data in spool.folder.files.values()))
    true("flat", max(held[2:]) - min(held[2:]) < 1500, repr(held))


_section.run(
    grouping,
    acknowledging,
    full,
    medium_full,
    failing,
    damage,
    letters,
    settings,
    memory,
)
