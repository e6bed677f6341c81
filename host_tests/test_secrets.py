"""No repr, message, traceback or answer holds a secret, a session token or a signing key.

One body runs on every target; the rest looks for marks in what spoiled random requests leave.
"""

import base64
import collections
import json
import traceback

import pytest

from host_tests import bad_requests, strategies, textbook
from sigv4_mp import Credentials
from sigv4_mp.errors import SigV4Error
from tools import sign

SECRET = "MARKED~SECRET+0123456789/abcdefghijklmn"
TOKEN = "MARKED~TOKEN+/=" + "t" * 200


def test_nothing_printed_holds_a_secret(target):
    assert target.run("sign_secrets.py", heap="1m").check().passed > 600


def marks(case):
    """Return every form in which the secrets of a case could stand in a text."""
    found = [SECRET, TOKEN, "MARKED", SECRET[6:], TOKEN[6:]]
    key = textbook.signing_key(dict(case, secret_access_key=SECRET))
    return found + [key.hex(), base64.b64encode(key).decode(), repr(key)[2:-1]]


def test_errors_of_spoiled_requests():
    """The error itself, its whole chain and its traceback, over random requests and all rows."""
    counts = collections.Counter()
    rows = [row for row in bad_requests.ROWS if not row[0].startswith(("type of", "surrogate"))]
    pairs = strategies.st.tuples(strategies.requests(), strategies.st.sampled_from(rows))

    def work(pair):
        case, (name, change, _, _) = pair
        base = {key: case[key] for key in bad_requests.GOOD}
        base.update(secret_access_key=SECRET, session_token=TOKEN)
        spoiled = bad_requests.spoiled(base, change)
        try:
            sign.seal(spoiled)
        except SigV4Error as error:
            counts["errors"] += 1
            for text in _shown(error):
                assert not [mark for mark in marks(case) if mark in text], name

    strategies.drawn(pairs, 2000, 500, work)
    assert counts["errors"] > 1900


def _shown(error):
    """Return every text that a log, a debugger or a screen could make of an error."""
    texts = ["".join(traceback.format_exception(type(error), error, error.__traceback__))]
    while error is not None:
        texts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return texts


def test_answers_hold_the_token_only_where_it_is_sent():
    """The filter's answer to a good request has to hold the token; the secret and key, never."""

    def work(case):
        case = dict(case, secret_access_key=SECRET)
        answer = sign.process(json.dumps(case).encode())
        key = textbook.signing_key(case)
        assert "MARKED" not in answer
        assert key.hex() not in answer
        assert base64.b64encode(key).decode() not in answer

    strategies.drawn(strategies.requests(), 500, 501, work)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_half_a_surrogate_pair_in_credentials(place):
    """CPython's UnicodeEncodeError holds the whole text; it must not hang on to our error."""
    values = ["AKID", SECRET, TOKEN]
    values[place] = "MARKED" + values[place] + "\ud800"
    with pytest.raises(SigV4Error) as refused:
        Credentials(*values)
    for text in _shown(refused.value):
        assert "MARKED" not in text
