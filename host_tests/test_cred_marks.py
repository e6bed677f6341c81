"""Every error path of providers, stores and renewal with marked secrets: no text holds a mark."""


def test_no_error_shows_a_secret(target):
    result = target.run("cred_marks.py", heap="1m").check()
    assert result.passed > 2500
    assert b"MARKED" not in result.stdout + result.stderr
