"""pytest's side of the targets: --target, the `target` fixture, and the table at the end.

pytest --target cpython,unix,unix32,wasm            the default
pytest --board PORT                                 on the board there, its self-test first
@pytest.mark.targets("unix", "unix32")              a test that makes sense on these only
@pytest.mark.board                                  ... and also on boards, emulated and real
"""

import pytest

import target_rp2040  # noqa: F401 - brings the target "rp2040"
import targets

pytest_plugins = ["fixtures_servers"]
# Slow and small: only the tests that are marked for boards run there.
BOARDS = {"rp2040", "board"}
SERVERS = {"swift", "swift_rsa", "swift_small", "ministack", "ntp", "rclone"}
# What `make check` leaves to `make test`: whole programs, servers started by name, long runs.
SLOW = {
    "test_boards",
    "test_clock_report",
    "test_demo",
    "test_device_trusted",
    "test_differential",
    "test_flash",
    "test_heap_secrets",
    "test_net_http",
    "test_secrets",
    "test_security_docs",
    "test_servers",
    "test_services_spool_cuts",
    "test_services_telemetry",
    "test_stubs",
    "test_time_sockets",
}


def pytest_addoption(parser):
    parser.addoption(
        "--target",
        default=targets.DEFAULT,
        help="run target tests on these, comma-separated (default: %(default)s)",
    )
    parser.addoption(
        "--board",
        metavar="PORT",
        help='run target tests on the board at PORT: "auto" or what `mpremote connect` takes',
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "targets(*names): this test runs on these targets only")
    config.addinivalue_line("markers", "board: this test also runs on boards, emulated and real")
    config.addinivalue_line("markers", "server: needs a real server (set by itself)")
    config.addinivalue_line("markers", "slow: left out of `make check`")
    config.addinivalue_line("markers", "soak: only in `make soak`")
    if config.getoption("--board"):
        _take_board(config)
    unknown = [name for name in _chosen(config) if name not in targets.TARGETS]
    if unknown:
        raise pytest.UsageError(
            "--target: no %s; there are %s" % (", ".join(unknown), ", ".join(targets.TARGETS))
        )


def _take_board(config):
    """Make the board at --board the one target. It must run: a skip would prove nothing."""
    if getattr(config.option, "numprocesses", None) not in (None, 0):
        raise pytest.UsageError("--board: a board has one port; run without -n")
    from board_target import Board

    targets.TARGETS["board"] = Board("board", config.getoption("--board"))
    config.option.target = "board"
    targets.asked_for.add("board")


def _chosen(config):
    return [name for name in config.getoption("--target").split(",") if name]


def _wants(name, mark, on_boards):
    if mark and name in mark.args:
        return True
    return on_boards is not None if name in BOARDS else not mark


def pytest_generate_tests(metafunc):
    if "target" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("targets")
    chosen = _chosen(metafunc.config)
    on_boards = metafunc.definition.get_closest_marker("board")
    names = [name for name in chosen if _wants(name, mark, on_boards)]
    if not names:
        wanted = (", ".join(mark.args) or "boards") if mark else "desktop interpreters"
        why = "runs on %s only; --target is %s" % (wanted, ",".join(chosen))
        names = [pytest.param(chosen[0], marks=pytest.mark.skip(reason=why), id="none")]
    metafunc.parametrize("target", names, indirect=True, scope="session")


@pytest.hookimpl(trylast=True)  # after pytest has put the items of each target together
def pytest_collection_modifyitems(config, items):
    if "soak" not in config.getoption("-m"):
        soak = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=soak)
        items[:] = [item for item in items if item not in soak]
    for item in items:
        if SERVERS & set(item.fixturenames):
            item.add_marker("server")
        if item.module.__name__.rpartition(".")[2] in SLOW:
            item.add_marker("slow")
        name = getattr(item, "callspec", None) and item.callspec.params.get("target")
        if name:  # user_properties, because they reach pytest-xdist's controller with the report
            item.user_properties.append(("target", name))
    # pytest-xdist leaves a worker its last two tests: where those take a minute each, the others
    # wait. So what is slow comes first, and the end is made of tests that take no time.
    items.sort(key=lambda item: dict(item.user_properties).get("target") not in BOARDS)


@pytest.fixture(scope="session")
def target(request):
    """The Target this test runs on; skipped, with the reason, or failed if it cannot run here."""
    chosen = targets.TARGETS[request.param]
    why = chosen.why_not()
    if why and chosen.name in targets.required():
        pytest.fail("target %s must run here and cannot: %s" % (chosen.name, why), pytrace=False)
    if why:
        pytest.skip("target %s: %s" % (chosen.name, why))
    return chosen


@pytest.fixture(autouse=True)
def _count_checks(request, record_property):
    """Add up the checks that scripts report ("N passed"), for the table."""
    before = targets.checks_passed()
    yield
    if "target" in request.fixturenames:
        record_property("checks", targets.checks_passed() - before)


def pytest_terminal_summary(terminalreporter):
    rows = _tally(terminalreporter.stats)
    if not rows:
        return
    terminalreporter.section("targets")
    line = "%-13s %7s %7s %7s %9s  %s"
    terminalreporter.write_line(
        line % ("target", "passed", "failed", "skipped", "checks", "interpreter")
    )
    for name in filter(rows.get, targets.TARGETS):
        row = rows[name]
        chosen = targets.TARGETS[name]
        why = chosen.why_not()
        what = "not run here: " + why if why else chosen.version()
        counts = (row["passed"], row["failed"], row["skipped"], row["checks"])
        terminalreporter.write_line(line % (name, *counts, what))


def _tally(stats):
    """Return {target: {"passed", "failed", "skipped", "checks"}} from pytest's reports."""
    rows = {}
    for outcome in ("passed", "failed", "error", "skipped", "xfailed", "xpassed"):
        for report in stats.get(outcome, ()):
            properties = dict(getattr(report, "user_properties", ()))
            if "target" not in properties:
                continue
            row = rows.setdefault(
                properties["target"], dict.fromkeys(("passed", "failed", "skipped", "checks"), 0)
            )
            column = {"error": "failed", "xfailed": "skipped", "xpassed": "failed"}.get(
                outcome, outcome
            )
            row[column] += 1
    for report in (report for reports in stats.values() for report in reports):
        if getattr(report, "when", None) == "teardown":
            properties = dict(report.user_properties)
            if properties.get("target") in rows:
                rows[properties["target"]]["checks"] += properties.get("checks", 0)
    return rows
