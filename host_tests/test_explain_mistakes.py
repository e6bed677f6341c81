"""Each mistake of explain_cases.py, made before a real server, is named rightly; nothing leaks.

On CPython and unix with the answers that Swift and MiniStack give now; on all interpreters with the
recorded ones and with those of AWS, MinIO, Ceph and SeaweedFS that others published.
"""

import json

import pytest

import explain_cases
from e2e_tools import ask, boto_client
from explain_cases import BEGIN, END, MEANINGS, MEANINGS_END, PAGE, VECTORS, Client
from tools.servers.mistake_proxy import MISTAKES, MistakeProxy

CASES = explain_cases.cases()
ANSWERS = json.loads(VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def made(swift, ministack):
    """Every case, made once: list of (Case, line for explain_lines.py, secrets)."""
    servers = {"swift": swift, "ministack": ministack}
    for server in servers.values():
        explain_cases.prepare(server)
    with MistakeProxy(swift.http_url) as first, MistakeProxy(ministack.http_url) as second:
        proxies = {"swift": first, "ministack": second}
        return [explain_cases.record(case, servers, proxies) for case in CASES]


@pytest.mark.targets("cpython", "unix")
def test_each_mistake_is_named(target, made):
    lines = [line for _, line, _ in made]
    silent = [dict(line, arrived=arrived) for case, line, arrived in made if case.silent]
    answers = ask(target, "explain_lines", lines + silent)
    wrong = []
    for (case, line, _), answer in zip(made, answers):
        if not case.judge(*explain_cases.verdict(answer)):
            wrong.append((case.name, answer["text"]))
        explain_cases.check_leaks(line["ours"], answer["text"])
    for (case, _, _), answer in zip([one for one in made if one[0].silent], answers[len(made) :]):
        if not case.judge(*explain_cases.verdict(answer), arrived=True):
            wrong.append((case.name + ", arrived", answer["text"]))
    assert not wrong


def test_every_mistake_of_the_proxy_is_made():
    assert set(MISTAKES) == {case.mistake for case in CASES}
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


def test_the_recorded_answers(target):
    rows = ANSWERS["recorded"]
    assert len(rows) > 25
    by_name = {case.name: case for case in CASES}
    for row, answer in zip(rows, ask(target, "explain_lines", [row["line"] for row in rows])):
        assert by_name[row["name"]].judge(*explain_cases.verdict(answer)), answer["text"]
        explain_cases.check_leaks(row["line"]["ours"], answer["text"])


def test_answers_of_servers_that_do_not_run_here(target):
    rows = ANSWERS["public"]
    names = ("ours", "status", "headers", "body")
    lines = [{name: row[name] for name in names} for row in rows]
    for row, answer in zip(rows, ask(target, "explain_lines", lines)):
        found = [answer["cause"], answer["field"], answer["certainty"]]
        assert found == row["wanted"], answer["text"]
        assert row["among"] is None or row["among"] in [cause for cause, _ in answer["also"]]
        assert row["offset_s"] in (None, answer["offset_s"])
        assert ("local time, %s:" % row["zone"] in answer["text"]) == (row["zone"] is not None)
    assert {row["server"].split(" ")[0] for row in rows} >= {"AWS", "MinIO", "Ceph"}
    assert all(row["source"] for row in rows)


@pytest.mark.targets("cpython", "unix", "unix32")
def test_a_watched_client_with_a_wrong_secret(target, swift, made):
    settings = {
        "endpoint": swift.http_url,
        "bucket": explain_cases.BUCKET,
        "region": swift.region,
        "access_key_id": swift.access_key_id,
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    # 128k hold the S3 client's bytecode and a refusal; the explanation's own is 20 KB more, and
    # 160k were enough. The rest is room for both to grow.
    heap = "192k" if target.name == "unix32" else None
    (answer,) = ask(target, "explain_client", [settings], heap=heap)
    assert (answer["code"], answer["cause"]) == ("SignatureDoesNotMatch", "secret")
    assert "cause:   secret (certain)" in answer["text"]


def test_an_accepted_request_is_no_mistake(swift, made):
    """The cases' requests are good but for the mistake: without one, Swift takes them."""
    boto_client(swift, "s3").head_bucket(Bucket=explain_cases.BUCKET)
    with MistakeProxy(swift.http_url) as proxy:
        for make in (explain_cases.put, explain_cases.listing, explain_cases.chunked):
            _, data = make(Client(swift, proxy.url))
            proxy.script(explain_cases.Mistake("none"))
            assert explain_cases.send(proxy.port, data)[0] == 200
            proxy.settle()


def test_the_tables_of_the_page_are_those_of_the_cases():
    """If not: .venv/bin/python -m host_tests.explain_cases --write"""
    text = PAGE.read_text(encoding="utf-8")
    for mark in (BEGIN, END, MEANINGS, MEANINGS_END):
        assert text.count(mark) == 1
    assert explain_cases.page(text) == text
