"""aws-chunked: AWS's examples at every stage, framing, lengths, misuse; on every interpreter."""

import pytest

from core import section


@pytest.mark.parametrize("part", ["aws_example", "aws_trailer_example", "framing", "misuse"])
def test_chunked(target, part):
    assert section(target, "core_chunked.py", part)
