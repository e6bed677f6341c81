"""POST forms: each field has its rule, and the signature; test_post_form.py reads one."""

from core import section


def test_post_policy(target):
    assert section(target, "core_post.py", "post_forms")


def test_lifetimes(target):
    assert section(target, "core_post.py", "lifetimes")
