"""tools/compat.py: what is kept is true, the page is made of it, and a bad server is found out."""

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import compat
import pytest

from s3_tools import PROFILES, streamed
from sigv4_mp import S3, Credentials, Signer, SystemClock
from sigv4_mp.net import http
from sigv4_mp.net.endpoint import profile_of
from targets import ROOT
from tools.compatibility import record, servers
from tools.compatibility.finding import NO, NOT_ASKED, WRONG, YES
from tools.compatibility.place import Place
from tools.compatibility.probes import GROUPS, all_probes

TOOL = [sys.executable, os.fspath(ROOT / "tools" / "compat.py")]
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


SESSION = ("access_key_id", "secret_access_key", "session_token")
# Of Swift, which is slow; the other groups are asked in `make soak`.
OF_SWIFT = ["payload", "time", "presign", "refusal", "scope", "error"]


def drift(name, server, groups=None):
    """Return what a running server does otherwise than is kept of it."""
    place = servers.place_of(server)
    findings, _ = servers.probe(place, groups)
    title = servers.SERVERS[name][0]
    version = servers.version(name)
    new = record.of_run(findings, name, title, version, place.endpoint, place.region)
    asked = [name for name, one in all_probes().items() if one.group in (groups or GROUPS)]
    assert list(new["findings"]) == asked
    return record.differences(record.load(name), new)


def test_swift_is_as_it_is_kept(swift):
    assert drift("swift", swift, OF_SWIFT) == []


@pytest.mark.soak
def test_swift_is_as_it_is_kept_in_all(swift):
    assert drift("swift", swift) == []


def test_ministack_is_as_it_is_kept(ministack):
    assert drift("ministack", ministack) == []


@pytest.mark.server
def test_rclone_is_as_it_is_kept():
    with servers.launcher("rclone") as server:  # the fixture's speaks TLS only
        assert drift("rclone", server) == []


def test_credentials_with_a_session_token(ministack):
    """Signed, presigned and in forms, the token goes along; all is as with lasting keys."""
    keys = Credentials(*[ministack.session[name] for name in SESSION])
    place = Place(ministack.http_url, ministack.region, keys)
    findings, left = servers.probe(place, ["presign", "form", "refusal", "scope"])
    assert left == [] and findings.pop("refusal.token").verdict == NOT_ASKED
    kept = record.load("ministack")["findings"]
    for name, found in findings.items():
        assert found.verdict == kept[name]["verdict"], name


@pytest.mark.soak
@pytest.mark.parametrize("name", ["moto", "moto-verify"])
def test_moto_is_as_it_is_kept(name):
    """Only here: its environment takes half a minute to build."""
    with servers.launcher(name) as server:
        assert drift(name, server) == []


def test_what_changes_is_told():
    old = record.load("rclone")
    new = json.loads(json.dumps(old))
    new["version"] = "9"
    new["findings"]["payload.hash"] = {"verdict": NO, "status": 500}
    lines = record.differences(old, new)
    assert len(lines) == 2 and lines[0] == "version: 9, was %s" % old["version"]
    assert lines[1].startswith('payload.hash: {"verdict": "no", "status": 500}, was {"verdict"')


def test_the_page_is_made_of_what_is_kept():
    assert record.page() == record.PAGE.read_text(encoding="utf-8"), "tools/compat.py --write-docs"


@pytest.mark.parametrize("name", sorted(servers.SERVERS))
def test_what_is_kept_is_whole(name):
    """Of the pinned version, every question answered, nothing that is a secret or of one run."""
    kept = record.load(name)
    assert (kept["server"], kept["version"]) == (servers.SERVERS[name][0], servers.version(name))
    assert list(kept["findings"]) == list(all_probes())
    text = record.dumps(kept)
    assert json.loads(text) == kept
    assert not re.search(r"AKIA|localhost:\d|compat-[0-9a-f]|20\d\d-\d\d", text)


def test_what_the_page_says_in_words():
    """Its words on the servers are not generated."""
    said = {
        name: {probe: facts["verdict"] for probe, facts in record.load(name)["findings"].items()}
        for name in servers.SERVERS
    }
    for name, verdicts in said.items():
        assert verdicts["payload.hash"] == YES
        assert (verdicts["refusal.signature"] == NO) == (name == "moto")
    body = ("payload.wrong_hash", "payload.wrong_chunk", "checksum.crc32.wrong")
    assert {said[name][one] for name in ("rclone", "moto-verify") for one in body} == {NO}
    assert {said["swift"][one] for one in body} == {YES}
    unseen = ("time.past", "time.future", "scope.region")
    assert {said["moto-verify"][one] for one in unseen} == {NO}
    assert {said["moto-verify"][one] for one in ("presign.get", "form.post")} == {NO}
    no = {name: sum(v in (NO, WRONG) for v in verdicts.values()) for name, verdicts in said.items()}
    assert no["swift"] < no["ministack"] < no["rclone"] < no["moto"]


def test_every_group_has_probes():
    assert {probe.group for probe in all_probes().values()} == set(GROUPS)


def made(name):
    """Return the Profile that the kept snippet makes: it is run as it would be pasted."""
    names = {}
    exec(record.load(name)["profile"], names)
    return names["profile"]


def test_the_library_and_the_tests_say_the_same():
    fields = ("region", "addressing", "modes", "checksums", "port", "signs")
    ours, found = profile_of("https://x.example", "swift"), made("swift")
    for field in fields:
        texts = [getattr(one, field) or "" for one in (ours, found)]
        assert sorted(texts[0].split()) == sorted(texts[1].split()), field
    for name in ("ministack", "rclone"):
        profile = made(name)
        assert set(PROFILES[name]["modes"].split()) == set(profile.modes.split())
        assert set(PROFILES[name]["checksums"].split()) <= set(profile.checksums.split())


@pytest.mark.parametrize("name", ["swift", "rclone"])
def test_uploads_with_the_pasted_profile(name, request):
    """Each mode and each checksum that the profile promises, over TLS, read back."""
    server = request.getfixturevalue(name)
    keys = Credentials(server.access_key_id, server.secret_access_key)
    signer = Signer(keys, server.region, "s3", SystemClock())
    profile = made(name)
    s3 = S3(signer, server.https_url, "profile-" + name, profile=profile)
    body = streamed(20000)
    wanted = [(None if mode == "hash" else mode, None) for mode in profile.modes.split()]
    last = [mode for mode in profile.modes.split() if mode.endswith("-trailer")][-1]
    wanted += [(last, checksum) for checksum in profile.checksums.split()]
    assert len(wanted) >= 9
    with http.Http(timeout=60, ca_file=server.ca_file) as shell:
        shell.run(s3.request("PUT", s3.bucket_url))
        for mode, checksum in wanted:
            shell.run(s3.put_object("k", body, mode=mode, checksum=checksum))
            assert shell.run(s3.get_object("k")).body == body, (mode, checksum)
            shell.run(s3.delete_object("k"))


# -- a server that believes everything


class Gullible(BaseHTTPRequestHandler):
    """Stores whatever it gets under whatever name, looks at nothing."""

    protocol_version = "HTTP/1.1"
    store = None

    def _answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _take(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self):
        self.store[unquote(urlsplit(self.path).path)] = self._take()
        self._answer(200)

    def do_GET(self):
        parts = urlsplit(self.path)
        if "list-type=2" in parts.query:
            bucket = parts.path.rstrip("/") + "/"
            keys = [key for key in self.store if key.startswith(bucket) and key != bucket]
            cells = "".join("<Key>%s</Key>" % key[len(bucket) :] for key in sorted(keys))
            return self._answer(200, ("<L>%s</L>" % cells).encode())
        body = self.store.get(unquote(parts.path))
        return self._answer(404) if body is None else self._answer(200, body)

    do_HEAD = do_GET

    def do_POST(self):
        self._take()
        self._answer(500)

    def do_DELETE(self):
        self.store.pop(unquote(urlsplit(self.path).path), None)
        self._answer(204)

    def log_message(self, *_):
        pass


@pytest.fixture
def gullible():
    """A running Gullible; .store is {path: bytes}, .url where it is."""
    Gullible.store = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Gullible) as server:
        server.store, server.url = Gullible.store, "http://127.0.0.1:%d" % server.server_port
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_a_server_that_believes_everything_is_found_out(gullible):
    place = Place(gullible.url, "us-east-1", Credentials(*KEYS.values()))
    findings, left = servers.probe(place, ["payload", "refusal", "time", "presign", "many"])
    said = {name: found.verdict for name, found in findings.items()}
    for name in ("signature", "secret", "key", "anonymous", "path", "header_added", "date"):
        assert said["refusal." + name] == NO, name
    assert said["payload.hash"] == said["payload.unsigned"] == YES
    for mode in ("chunked", "chunked-trailer", "unsigned-trailer"):
        found = findings["payload." + mode]
        assert (found.verdict, found.note) == (WRONG, "stores the framing as if it were the object")
        assert said["payload.%s.length" % mode] == NOT_ASKED
    assert (said["payload.wrong_hash"], said["payload.etag"]) == (NO, WRONG)
    assert findings["time.past"].note == "no limit found in 8 days"
    assert (said["presign.expired"], said["many.md5"], said["many.wrong"]) == (NO, NO, WRONG)
    assert (left, gullible.store) == ([], {})


def run(*arguments, **environment):
    """Run the tool with nothing of this machine's credentials; return the finished process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.update(environment, HOME="/nonexistent", COLUMNS="100")
    return subprocess.run(
        [*TOOL, *arguments], capture_output=True, text=True, check=False, env=kept, timeout=300
    )


def test_the_tool_leaves_a_bucket_as_it_was(gullible, tmp_path):
    """An existing bucket keeps what is in it; the table, the JSON and the profile are printed."""
    gullible.store["/mine/precious"] = b"1"
    told = tmp_path / "found.json"
    words = ["--insecure-http", "--bucket", "mine", "--only", "payload,checksum,address"]
    words += ["--json", told]
    done = run(gullible.url, *words, **KEYS)
    assert done.returncode == 0, done.stderr
    assert gullible.store == {"/mine/precious": b"1"}
    found = json.loads(told.read_text())
    assert found["findings"]["payload.chunked"]["verdict"] == WRONG
    assert {name.partition(".")[0] for name in found["findings"]} == set(words[4].split(","))
    assert found["profile"] in done.stdout and 'modes="hash unsigned",' in found["profile"]
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in done.stdout + done.stderr + told.read_text()


@pytest.mark.parametrize(
    ("words", "environment", "wanted"),
    [
        (["https://s3.example.com"], KEYS, "add --yes"),
        (["https://localhost.example.com"], KEYS, "add --yes"),
        (["http://127.0.0.1:1"], KEYS, "--insecure-http"),
        (
            ["http://127.0.0.1:1", "--insecure-http"],
            dict(KEYS, AWS_SESSION_TOKEN="FwoGZXIvYXdzEXAMPLE"),
            "--insecure-http session-token",
        ),
        (["https://127.0.0.1:1"], {}, "CredentialsError"),
        (["http://127.0.0.1:1", "--insecure-http"], KEYS, "refused"),
        (["https://localhost:1", "--only", "nothing"], KEYS, "--only: no nothing"),
        (["--server", "nobody"], {}, "--server: no nobody"),
        ([], {}, "give an endpoint"),
    ],
)
def test_what_it_refuses(words, environment, wanted, monkeypatch, capsys):
    """Nothing is sent anywhere: the one address that is tried is a closed port of this machine."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in dict(environment, HOME="/nonexistent").items():
        monkeypatch.setenv(name, value)
    try:
        code = compat.main(words)
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert wanted in capsys.readouterr().err


def test_keys_have_no_option():
    text = compat.arguments([])[0].format_help()
    assert "AWS_SECRET_ACCESS_KEY" in text
    assert not re.search(r"--\S*(secret|access-key|password|token)", text)
