"""OpenStack Swift in one process: proxy with s3api, account, container and object server.

Run by swift.py inside .cache/venv-swift as `python -I _swift_app.py DIRECTORY`; -I matters, for
this folder holds a swift.py of its own. DIRECTORY/settings.json says what to serve; when every
listener is bound, DIRECTORY/ports.json says where. The proxy listens twice, in plain and behind TLS
(eventlet's TLS socket, as Swift's own cert_file/key_file use it), so both speak with the very same
server.

The strict defaults of s3api stay: region of the scope, 15 minutes of skew, chunks of 8 KiB or more.
"""

import json
import logging
import os
import sys
import warnings
from pathlib import Path

from swift.common import utils
from swift.common.concurrency import GreenPool, eventlet, listen, spawn, ssl, wsgi
from swift.common.utils import logs

ONE_NODE_TIMEOUT_S = 60  # a busy machine must not turn a slow disk into a 503 or a late listing

CONF = """
[DEFAULT]
swift_dir = {etc}
devices = {devices}
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = INFO
conn_timeout = {timeout}
node_timeout = {timeout}
container_update_timeout = {timeout}
client_timeout = {timeout}
"""

STORAGE = """
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{egg}
log_requests = false
"""

# Order as in Swift's sample proxy-server.conf; Swift adds copy, listing_formats, versioned_writes
# and gatekeeper's companions by itself.
PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging s3api tempauth bulk slo dlo
    proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
recoverable_node_timeout = {timeout}
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:s3api]
use = egg:swift#s3api
location = {region}
storage_domain = {storage_domain}
allowable_clock_skew = {skew_s}
min_segment_size = {min_segment_size}
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def log_to_stderr(address=None, facility=None):
    """Stand in for Swift's syslog handler, which every logger gets: stderr is the log file."""
    return logging.StreamHandler(sys.stderr)


def has_xattrs(directory):
    """True if files in `directory` can carry user attributes, where Swift keeps its metadata."""
    probe = directory / "xattr-probe"
    probe.write_bytes(b"")
    try:
        os.setxattr(probe, "user.swift.probe", b"1")
    except OSError:
        return False
    finally:
        probe.unlink()
    return True


def write_rings(etc, ports):
    """One partition power, one replica, one device: the smallest rings there are."""
    from swift.common.ring import RingBuilder

    for name, kind in (("account", "account"), ("container", "container"), ("object", "object")):
        builder = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
        place = {"ip": "127.0.0.1", "port": ports[kind], "device": "d1", "weight": 1}
        builder.add_dev(dict(place, id=0, region=1, zone=1))
        builder.rebalance()
        builder.get_ring().save(os.fspath(etc / (name + ".ring.gz")))


def write_configuration(home, settings, ports):
    """Write swift.conf, the rings and one .conf per server; return {kind: path}."""
    etc, devices = home / "etc", home / "devices"
    (devices / "d1").mkdir(parents=True)
    etc.mkdir()
    (etc / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = sigv4_mp\n")
    write_rings(etc, ports)
    # Without user attributes on the file system, Swift's own in-memory object server takes over.
    eggs = {"account": "account", "container": "container"}
    eggs["object"] = "object" if has_xattrs(devices) else "mem_object"
    values = dict(settings, etc=etc, devices=devices, timeout=ONE_NODE_TIMEOUT_S)
    texts = {kind: STORAGE.format(kind=kind, egg=egg) for kind, egg in eggs.items()}
    texts["proxy"] = PROXY.format(**values)
    paths = {}
    for kind, text in texts.items():
        paths[kind] = os.fspath(etc / (kind + "-server.conf"))
        Path(paths[kind]).write_text(CONF.format(**values) + text)
    return paths


def serve(listener, application):
    """Serve one application on one bound socket, with the options Swift's own runner uses."""
    from swift.common import constraints
    from swift.common.http_protocol import SwiftHttpProtocol

    wsgi.server(
        listener,
        application,
        utils.NullLogger(),
        custom_pool=GreenPool(size=256),
        protocol=SwiftHttpProtocol,
        socket_timeout=ONE_NODE_TIMEOUT_S,
        capitalize_response_headers=False,
        url_length_limit=constraints.MAX_REQUEST_LINE,
    )


def tls(listener, settings):
    """Wrap a bound socket: TLS 1.2 and up, the leaf that ca.py made."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings["cert_file"], settings["key_file"])
    return context.wrap_socket(listener, server_side=True)


def main(home):
    utils.monkey_patch()
    logs.ThreadSafeSysLogHandler = log_to_stderr
    warnings.filterwarnings("ignore", message="capitalize_response_headers is disabled")
    from swift.common.wsgi import loadapp

    home = Path(home)
    settings = json.loads((home / "settings.json").read_text())
    kinds = ("account", "container", "object", "http", "https")
    listeners = {kind: listen(("127.0.0.1", 0), backlog=128) for kind in kinds}
    ports = {kind: bound.getsockname()[1] for kind, bound in listeners.items()}
    paths = write_configuration(home, settings, ports)
    utils.set_swift_dir(os.fspath(home / "etc"))
    listeners["https"] = tls(listeners["https"], settings)
    threads = []
    for kind in kinds[:3]:
        threads.append(spawn(serve, listeners[kind], loadapp(paths[kind])))
    proxy = loadapp(paths["proxy"])
    threads += [spawn(serve, listeners[kind], proxy) for kind in kinds[3:]]
    eventlet.sleep(0)
    (home / "ports.json.part").write_text(json.dumps(ports))
    (home / "ports.json.part").rename(home / "ports.json")
    for thread in threads:
        thread.wait()  # re-raises whatever ended a server


if __name__ == "__main__":
    main(sys.argv[1])
