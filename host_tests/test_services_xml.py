"""The XML reader against xml.etree, on documents that S3 could write, cut anywhere."""

import sys
import tracemalloc
import xml.etree.ElementTree as ET
from random import Random
from xml.sax.saxutils import escape, quoteattr

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sigv4_mp.errors import ProtocolError
from sigv4_mp.services.xml import XmlReader
from targets import ON_TARGET

sys.path.insert(0, str(ON_TARGET))
from net_xml import BAD, GOOD, read

# CR is left out: a parser must turn a literal one into LF, and S3 writes it as &#13;.
CHARACTERS = "abcxyz019 \t\n<>&'\"/=;#![]-?\u00fc\u20ac\u4e2d\U0001f600"
SPACE = ["", " ", "\n  ", "<!-- c -->", "<?p i?>", "<!-- <x> -->"]


def text_of(random):
    return "".join(random.choices(CHARACTERS, k=random.randrange(12)))


def as_written(random, text):
    """Text as XML: escaped, as references, or as CDATA."""
    form = random.choice(["escape", "decimal", "hex", "cdata"])
    if form == "cdata" and "]]>" not in text:
        return "<![CDATA[%s]]>" % text
    if form in ("decimal", "hex"):
        return "".join(("&#%d;" if form == "decimal" else "&#x%X;") % ord(char) for char in text)
    return escape(text, {"'": "&apos;", '"': "&quot;"})


def element(random, depth=0):
    """An element with random attributes, children or text, in every way it can be written."""
    name = "".join(random.choices("aZ_", k=3)) + "".join(
        random.choices("b9.-", k=random.randrange(3))
    )
    names = ["x" + str(i) for i in range(random.randrange(3))]
    attributes = "".join(" %s=%s" % (each, quoteattr(text_of(random))) for each in names)
    if depth < 4 and random.random() < 0.6:
        children = [element(random, depth + 1) for _ in range(random.randrange(1, 4))]
        inside = "".join(random.choice(SPACE) + child for child in children) + random.choice(SPACE)
    else:
        inside = "".join(as_written(random, text_of(random)) for _ in range(random.randrange(4)))
        if not inside and random.random() < 0.5:
            return "<%s%s/>" % (name, attributes)
    return "<%s%s>%s</%s>" % (name, attributes, inside, name)


# Seeds, not nested strategies: a hundred times faster, and a small seed is a good enough example.
elements = st.integers(0, 1 << 32).map(lambda seed: element(Random(seed)))


def oracle(root, path=""):
    path += root.tag.rsplit("}", 1)[-1]
    found = []
    for child in root:
        found += oracle(child, path + "/")
    return [*found, (path, None if len(root) else root.text or "")]


@settings(max_examples=500, deadline=None)
@given(
    elements, st.integers(1, 60), st.sampled_from(["", "<?xml version='1.0' encoding='UTF-8'?>\n"])
)
def test_agrees_with_elementtree(document, piece, declaration):
    data = (declaration + document + "\n").encode()
    expected = oracle(ET.fromstring(data))
    assert read(data, piece) == expected
    assert read(data, len(data)) == expected


@settings(max_examples=1000, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text("<>/!?&;#x[]-CDAT 'a\"", max_size=60).map(str.encode)
    )
)
@example(b"<![CDATA[")
def test_garbage_is_protocol_error_or_read_the_same_in_any_pieces(data):
    whole = read(data, max(len(data), 1))
    assert whole is ProtocolError or isinstance(whole, list)
    assert read(data, 1) == whole
    assert read(data, 5) == whole


@settings(max_examples=1000, deadline=None)
@given(elements, st.data())
def test_damage_is_protocol_error_or_read_the_same_in_any_pieces(document, draw):
    data = document.encode()
    at = draw.draw(st.integers(0, len(data)))
    damaged = (
        data[:at] + draw.draw(st.binary(max_size=3)) + data[at + draw.draw(st.integers(0, 3)) :]
    )
    assert read(damaged, 1) == read(damaged, len(damaged) or 1)


def test_elementtree_refuses_most_of_what_we_refuse():
    """Which of the bad cases are bad XML, and which only beyond our bounds or stricter."""
    stricter = {
        "<a>&#00000065;</a>",
        "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>",
        "<!DOCTYPE html><html></html>",
    }
    for document in BAD:
        try:
            ET.fromstring(document)
        except ET.ParseError:
            continue
        assert document in stricter or len(document) > 50, document


def test_the_good_cases_are_good_xml_to_others_too():
    for document, expected in GOOD:
        if "-- ]]>" in document:  # "--" inside a comment: we don't look, others do
            continue
        assert oracle(ET.fromstring(document.lstrip("\ufeff"))) == expected, document


def test_a_billion_laughs_stay_unheard():
    bomb = b"<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>"
    assert read(bomb, 9) is ProtocolError


def peak_of(entries):
    entry = b"<Contents><Key>" + b"k" * 900 + b"</Key><Size>1</Size></Contents>"
    count = [0]

    def on_element(path, text):
        count[0] += 1

    reader = XmlReader(on_element)
    tracemalloc.start()
    reader.feed(b"<L>", 0, 3)
    for _ in range(entries):
        reader.feed(entry, 0, len(entry))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count[0] == entries * 3
    return peak


def test_memory_does_not_grow_with_the_document():
    assert peak_of(1000) < peak_of(10) + 1000


def test_hostile_documents_take_linear_time():
    """Work is counted, not timed: lines executed for twice the input are about twice as many."""

    def lines(data):
        count = [0]

        def trace(frame, event, _):
            count[0] += event == "line"
            return trace

        sys.settrace(trace)
        try:
            read(data, 7)
        finally:
            sys.settrace(None)
        return count[0]

    for start, piece in (
        (b"<a>", b"<!-->-->"),
        (b"<a b='", b">"),
        (b"<a>", b"&amp;"),
        (b"<a>", b"<!-- > -->"),
    ):
        once = lines(start + piece * 400)
        assert lines(start + piece * 800) < 3 * once + 1000, piece


def test_cases_on_target(target):
    target.run("net_xml.py", heap="512k").check()
