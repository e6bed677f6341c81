"""What one probe found, and the list of all probes.

    @probe("payload.wrong_hash", "refuses a body that is not the one hashed")
    def wrong_hash(place): return refused(answer)

Each question is put so that "yes" is what Amazon S3 documents of itself, or, where that is silent,
HTTP's own standard.
"""

YES, NO, WRONG, NOT_ASKED = "yes", "no", "wrong", "not asked"

# The order in which they are asked and shown: later ones may build on what is known.
GROUPS = {
    "payload": "How a body is protected",
    "checksum": "Checksums",
    "key": "Odd keys: stored, read back and listed under that name",
    "address": "Where a request goes and how it is written",
    "time": "Time",
    "presign": "Presigned URLs",
    "form": "POST policies",
    "refusal": "What must be refused",
    "scope": "The scope",
    "error": "What its answers say",
    "object": "Objects",
    "many": "Many at once",
    "parts": "In parts",
}

_PROBES = {}


class Finding:
    """verdict: YES; NO; WRONG: it says it did and did something else; NOT_ASKED, note says why.

    status: int, HTTP's; 0: no answer. code: the error's code, or None. note: str or None.
    """

    def __init__(self, verdict, answer=None, note=None):
        self.verdict, self.note = verdict, note
        self.status = None if answer is None else answer.status
        self.code = None if answer is None else answer.code

    def facts(self):
        """Return what is recorded: a dict without what is not there."""
        found = {"verdict": self.verdict, "status": self.status}
        found.update({"code": self.code, "note": self.note})
        return {name: value for name, value in found.items() if value is not None}


class Probe:
    """A question. name: "group.what". needs: the name of another that must be answered by yes."""

    def __init__(self, name, question, run, needs):
        self.name, self.question, self.run, self.needs = name, question, run, needs
        self.group = name.partition(".")[0]


def probe(name, question, needs=None):
    """Register a function of a Place that returns a Finding."""

    def register(run):
        assert name not in _PROBES and name.partition(".")[0] in GROUPS, name
        _PROBES[name] = Probe(name, question, run, needs)
        return run

    return register


def all_probes():
    """Return {name: Probe} in the order of GROUPS, then as they stand in their files."""
    order = list(GROUPS)
    return {one.name: one for one in sorted(_PROBES.values(), key=lambda p: order.index(p.group))}


def run_all(place, groups=None, progress=None):
    """Run the probes of these groups (None: all); return {name: Finding}, in their order."""
    found = {}
    chosen = [one for one in all_probes().values() if groups is None or one.group in groups]
    for one in chosen:
        if progress:
            progress(one, len(found), len(chosen))
        needed = found.get(one.needs)
        if needed is not None and needed.verdict != YES:
            found[one.name] = Finding(NOT_ASKED, note="for that it fails: " + one.needs)
        else:
            place.known = found
            found[one.name] = one.run(place)
    return found


def taken(answer, note=None):
    """Return the Finding of something that should be done: yes for a 2xx."""
    return Finding(YES if answer.ok else NO, answer, note)


def refused(answer, note=None):
    """Return the Finding of something that should be refused: yes for a 3xx or 4xx.

    A server's fault (5xx) or a broken connection is no refusal: it did not get it, that is all.
    """
    if answer.ok:
        return Finding(NO, answer, note)
    if not 300 <= answer.status < 500:
        return Finding(WRONG, answer, note or "fails over it")
    return Finding(YES, answer, note)


def holds(answer, fine, note=None):
    """Return the Finding of an answer that must be a 2xx and right: wrong if it is not right."""
    if not answer.ok:
        return Finding(NO, answer)
    return Finding(YES if fine else WRONG, answer, None if fine else note)
