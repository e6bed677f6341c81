"""The table on a terminal."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from .finding import NO, NOT_ASKED, WRONG, YES
from .probes import GROUPS, all_probes

_STYLES = {YES: "green", NO: "yellow", WRONG: "bold red", NOT_ASKED: "dim"}


def table(record):
    """Return the Table of a record, a section for each matter."""
    title = " ".join([record["server"], record["version"] or ""])
    made = Table(title=title.strip(), title_justify="left")
    made.add_column("it …", ratio=5)
    made.add_column("answer", no_wrap=True)
    made.add_column("HTTP, code, note", ratio=4, overflow="fold")
    group, probes = None, all_probes()
    for name, facts in record["findings"].items():
        probe = probes[name]
        if probe.group != group:
            made.add_section()
            made.add_row(Text(GROUPS[probe.group], style="bold"))
            group = probe.group
        made.add_row(*_row(probe, facts))
    return made


def _row(probe, facts):
    verdict = facts["verdict"]
    words = [str(facts["status"])] if facts.get("status") else []
    words += [facts[name] for name in ("code", "note") if facts.get(name)]
    return (
        Text("  " + probe.question.replace("`", "")),
        Text("wrongly" if verdict == WRONG else verdict, style=_STYLES[verdict]),
        Text(" ".join(words), style="dim" if verdict == NOT_ASKED else ""),
    )


def console():
    """Return where people read: stdout."""
    return Console()


class Bar:
    """Progress on stderr, gone when it is done. Call it as run_all's progress."""

    def __init__(self, title):
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn())
        columns += (TextColumn("{task.description}"),)
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = None

    def __enter__(self):
        self._bar.start()
        return self

    def __exit__(self, *_):
        self._bar.stop()

    def __call__(self, probe, done, total):
        if self._task is None:
            self._task = self._bar.add_task("", total=total)
        self._bar.update(self._task, completed=done, description=probe.question)


def print_record(record, out):
    """Print the table, then what to beware of and the profile: plain text, ready to paste."""
    out.print(table(record))
    out.print()
    if record["profile"] is None:
        out.print("No profile: it needs the groups payload, checksum and address.")
        return
    out.print("[bold]Endpoint profile[/]")
    out.print(Text(record["profile"]), soft_wrap=True)
