"""The library with native code: it stands in the folder `shipped`, as does sign.py.

Input lines as of tools/sign.py; each answer is a line. Argument: the file of `elsewhere` that has
native code of another chip, which MicroPython must refuse.
"""

import sys

sys.path.insert(0, "shipped")  # before what is frozen, and before the sources

import _check
import sign

from sigv4_mp import Credentials, Signer, TamperError, prepared

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


def answers():
    """Print the answer to each input line."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        print(sign.process(line.encode()))


def seal_and_check():
    signer = Signer(Credentials(*KEYS), "us-east-1", "s3")
    sealed = signer.sign("PUT", "https://b.example/k", payload=b"x", amz_date="20150830T123600Z")
    _check.equal("an honest head", sealed.check(), None)
    sealed.head_view()[-6] ^= 1
    _check.raises("a changed one", TamperError, sealed.check)


def wrong_chip(name):
    """It is a ValueError, not an ImportError: a program that forgives those would not notice."""
    sys.path.insert(0, "elsewhere")
    error = _check.raises("native code of another chip", ValueError, __import__, name)
    _check.true("and its words", "incompatible .mpy" in str(error), str(error))


_check.true("it is the one shipped", prepared.__file__.startswith("shipped/"), prepared.__file__)
answers()
seal_and_check()
wrong_chip(sys.argv[1])
print("takes", sys.implementation._mpy)
_check.done()
