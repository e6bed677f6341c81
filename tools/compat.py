#!/usr/bin/env python3
"""What an S3-compatible server takes, refuses and gets wrong; and the endpoint profile for it.

    .venv/bin/python tools/compat.py https://nas.local:9000 --yes          your server
    .venv/bin/python tools/compat.py http://localhost:9000 --insecure-http
    .venv/bin/python tools/compat.py --server rclone                       one of ours, on loopback:
                                                 what has changed since docs/compatibility.md
    .venv/bin/python tools/compat.py --server all --record --write-docs    renew all that is kept

Keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or from
~/.aws/credentials (--aws-profile), never from the command line. Hundreds of requests are sent, many
wrong on purpose; objects of up to 10 MiB are written into a bucket that is made for it and removed
again (--bucket: into an existing one, below a prefix of their own). Hence --yes for any host that
is not this machine. Nothing that it prints or writes holds a secret.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [os.fspath(ROOT), os.fspath(ROOT / "lib")]

from sigv4_mp.errors import SigV4Error
from sigv4_mp.net import http
from sigv4_mp.net.chain import Chain
from sigv4_mp.net.endpoint import split
from sigv4_mp.net.on_host import ConfigFileProvider, EnvironmentProvider
from tools.compatibility import record, servers, show
from tools.compatibility.listing import Unusable
from tools.compatibility.place import Place
from tools.compatibility.probes import GROUPS


def arguments(words=None):
    """Return (parser, parsed command line)."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("endpoint", nargs="?", help="https://host[:port]")
    add("--region", help="to sign for; default: AWS_REGION, else us-east-1")
    add("--bucket", help="an existing one; default: one is made, and removed")
    add("--name", help="what the profile is called; default: the host")
    add("--virtual", metavar="DOMAIN", help="behind bucket names in `Host`; default: the endpoint")
    add("--ca-file", help="PEM that vouches for the server")
    add("--aws-profile", help="of ~/.aws/credentials; default: the environment first")
    add(
        "--insecure-http",
        nargs="?",
        const="yes",
        choices=("yes", "session-token"),
        help='allow plain HTTP; "session-token": even with a session token',
    )
    add("--yes", action="store_true", help="yes, write objects to this server")
    add("--only", help="groups, with commas between: " + ",".join(GROUPS))
    add("--json", metavar="FILE", help="write all that was found")
    add("--server", help="start one of ours: %s, all" % ", ".join(servers.SERVERS))
    add("--record", action="store_true", help="with --server: keep what was found")
    add("--write-docs", action="store_true", help="renew docs/compatibility.md from what is kept")
    return parser, parser.parse_args(words)


def is_loopback(host):
    """Return whether a host's name or address is this machine's own loopback."""
    return host in ("localhost", "[::1]") or host.startswith("127.") or host.endswith(".localhost")


def check(parser, given, credentials):
    """Refuse what is not to be done; ends the program by parser.error."""
    scheme, host, _ = split(given.endpoint)
    if scheme not in ("http", "https") or not host:
        parser.error("the endpoint must be https://host[:port]")
    if scheme == "http" and not given.insecure_http:
        parser.error("plain HTTP shows all to everybody; use https, or --insecure-http")
    if scheme == "http" and credentials.session_token and given.insecure_http != "session-token":
        parser.error("a session token over plain HTTP: --insecure-http session-token, if you must")
    if not is_loopback(host) and not given.yes:
        text = "%s is not this machine: it would be sent wrong requests and get objects written"
        parser.error(text % host + "; if it is yours to probe, add --yes")


def groups_of(parser, given):
    """Return the groups to run, or None for all."""
    if given.only is None:
        return None
    chosen = given.only.split(",")
    for name in chosen:
        if name not in GROUPS:
            parser.error("--only: no %s; there are %s" % (name, ", ".join(GROUPS)))
    return chosen


def credentials_of(given):
    """Return Credentials from the environment or the file. Raises: CredentialsError."""
    file = ConfigFileProvider(given.aws_profile)
    first = [] if given.aws_profile else [EnvironmentProvider()]
    return http.run(Chain(*first, file).fetch())


def probe_theirs(parser, given, out):
    """Probe somebody's server; return the exit code."""
    credentials = credentials_of(given)
    check(parser, given, credentials)
    region = given.region or os.environ.get("AWS_REGION") or "us-east-1"
    place = Place(given.endpoint, region, credentials, given.ca_file, given.bucket, given.virtual)
    with show.Bar(place.host) as bar:
        findings, left = servers.probe(place, groups_of(parser, given), bar)
    name = given.name or place.host
    made = record.of_run(findings, name, name, None, place.endpoint, region)
    show.print_record(made, out)
    if given.json:
        Path(given.json).write_text(record.dumps(made), encoding="utf-8")
    for key in left:
        print("could not be removed: %s/%s" % (place.bucket, key), file=sys.stderr)
    return 1 if left else 0


def probe_ours(name, given, groups, out):
    """Probe one of our servers; return how many findings are not those that are kept."""
    with servers.launcher(name) as server, show.Bar(name) as bar:
        place = servers.place_of(server)
        findings, _ = servers.probe(place, groups, bar)
        version = servers.version(name)
        title = servers.SERVERS[name][0]
        made = record.of_run(findings, name, title, version, place.endpoint, place.region)
    if given.record:
        (record.FOLDER / (name + ".json")).write_text(record.dumps(made), encoding="utf-8")
        out.print("%s %s: %d findings kept" % (title, version, len(findings)))
        return 0
    show.print_record(made, out)
    changed = record.differences(record.load(name), made)
    for line in changed:
        print("%s has drifted: %s" % (name, line), file=sys.stderr)
    return len(changed)


def our_servers(parser, given, out):
    """Run --server; return the exit code."""
    names = list(servers.SERVERS) if given.server == "all" else given.server.split(",")
    for name in names:
        if name not in servers.SERVERS:
            parser.error("--server: no %s; there are %s" % (name, ", ".join(servers.SERVERS)))
    if given.record and given.only:
        parser.error("--record keeps all findings; it does not go with --only")
    groups = groups_of(parser, given)
    return 1 if sum([probe_ours(name, given, groups, out) for name in names]) else 0


def main(words=None):
    """Run the command line; return the exit code."""
    parser, given = arguments(words)
    if bool(given.endpoint) + bool(given.server) > 1 or not (
        given.endpoint or given.server or given.write_docs
    ):
        parser.error("give an endpoint, or --server, or --write-docs")
    out = show.console()
    code = 0
    try:
        if given.endpoint:
            code = probe_theirs(parser, given, out)
        elif given.server:
            code = our_servers(parser, given, out)
    except (SigV4Error, Unusable, OSError, RuntimeError) as error:
        print("%s: %s" % (type(error).__name__, error), file=sys.stderr)
        return 2
    if given.write_docs:
        record.PAGE.write_text(record.page(), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
