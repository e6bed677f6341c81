"""The XML reader on a target: cases with their outcome, each cut in every way."""

import _check

from sigv4_mp.errors import ProtocolError
from sigv4_mp.services.xml import XmlReader

GOOD = (
    ("<a/>", [("a", "")]),
    ("<a>x</a>", [("a", "x")]),
    (
        "\ufeff<?xml version='1.0'?>\n<a>\n <b>1</b>\n <b/>\n</a>\n",
        [("a/b", "1"), ("a/b", ""), ("a", None)],
    ),
    ('<s:a xmlns:s="u"><s:b c=\'>\' d="/>\'">x</s:b></s:a>', [("a/b", "x"), ("a", None)]),
    ("<a >x</a >", [("a", "x")]),
    ("<a\n/>", [("a", "")]),
    ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;</a>", [("a", "<>&\"'AB\U0001f600")]),
    ("<a>&amp;lt;</a>", [("a", "&lt;")]),
    ("<a>x<!-- <b>&no; > -- ]]> -->y</a>", [("a", "xy")]),
    ("<a><![CDATA[<&amp;>]]]><![CDATA[]]>&#10;</a>", [("a", "<&amp;>]\n")]),
    ("<a>\u00fc\u20ac\U0001f600</a>", [("a", "\u00fc\u20ac\U0001f600")]),
    ("<a><?pi > ?>x</a>", [("a", "x")]),
    ("<a><b><c>1</c></b>tail</a>", [("a/b/c", "1"), ("a/b", None), ("a", None)]),
    ("<a> x </a>", [("a", " x ")]),
    ("<a>" + " " * 300 + "<b>x</b>" + " " * 5000 + "</a>", [("a/b", "x"), ("a", None)]),
    ("<a><!---->x<!--->--></a>", [("a", "x")]),
    ("<a>&#xD7FF;&#xE000;&#x10FFFF;&#0000065;</a>", [("a", "\ud7ff\ue000\U0010ffffA")]),
)

BAD = (
    "",
    "plain text",
    "<a>",
    "<a></b>",
    "</a>",
    "<a/><b/>",
    "<a></a></a>",
    "<a><b></a></b>",
    "<a>&nbsp;</a>",
    "<a>&amp</a>",
    "<a>& </a>",
    "<a>&;</a>",
    "<a>&#0;</a>",
    "<a>&#xD800;</a>",
    "<a>&#xDFFF;</a>",
    "<a>&#00000065;</a>",
    "<a><!-->x</a>",
    "<a><!--->x</a>",
    "<a>&#x110000;</a>",
    "<a>&#99999999;</a>",
    "<a>&#-1;</a>",
    "<a>&#x;</a>",
    "<a>&#xg;</a>",
    "<a>&#1_0;</a>",
    "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><a>&b;</a>",
    "<!DOCTYPE html><html></html>",
    "<a><![cdata[x]]></a>",
    "<>x</>",
    "< a>x</a>",
    "<a>x</a",
    "<a><!-- x</a>",
    "<a><![CDATA[x</a>",
    "<a b='>x</a>",
    "<a>" * 9 + "</a>" * 9,
    "<a " + "b='c' " * 200 + "/>",
    "<a>" + "x" * 5000 + "</a>",
    "<a><!--" + "x" * 5000 + "--></a>",
)


def read(data, piece, **options):
    """Return [(path, text)] of a document that comes in pieces, or ProtocolError."""
    found = []
    reader = XmlReader(lambda path, text: found.append((path, text)), **options)
    try:
        for at in range(0, len(data), piece):
            reader.feed(data, at, min(at + piece, len(data)))
        reader.close()
    except ProtocolError:
        return ProtocolError
    return found


def main():
    for piece in (1, 2, 3, 7, 10000):
        for document, expected in GOOD:
            _check.equal(
                "%s by %d" % (document[:30], piece), read(document.encode(), piece), expected
            )
        for document in BAD:
            label = "bad %s by %d" % (document[:30], piece)
            _check.true(label, read(document.encode(), piece) is ProtocolError)
    for bad in (b"<a>\xff</a>", b"<\xff/>", b"\xff\xfe<\0a\0/\0>\0"):
        _check.true("not UTF-8", read(bad, 4) is ProtocolError)
    _check.equal("cut", read(b"<a>abcdef</a>", 2, max_text=4, truncate=True), [("a", "abcd")])
    _check.equal(
        "cut in a reference", read(b"<a>ab&amp;</a>", 2, max_text=4, truncate=True), [("a", "ab")]
    )
    cut = read("<a>abc\u20ac</a>".encode(), 2, max_text=4, truncate=True)
    _check.equal("cut in a character", cut, [("a", "abc")])
    _check.done()


if __name__ == "__main__":
    main()
