"""What is kept of a run, and docs/compatibility.md, which is made of that.

recorded/NAME.json: server, version, region, findings {probe: {verdict, status, code, note}}, beware
and profile (null where too little was asked). It holds nothing that changes from run to run, and no
key.
"""

import json
from pathlib import Path

from . import profile, servers
from .finding import NO, NOT_ASKED, WRONG, YES
from .probes import GROUPS, all_probes

FOLDER = Path(__file__).resolve().parent / "recorded"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "compatibility.md"
BEGIN, END = "<!-- results: tools/compat.py --write-docs -->\n", "<!-- end of results -->\n"
_MARKS = {YES: "yes", NO: "**no**", WRONG: "**wrongly**", NOT_ASKED: "–"}


def of_run(findings, name, title, version, endpoint, region):
    """Return the record of a run, a dict ready for JSON."""
    notes, text = profile.beware(findings), None
    if profile.can_be_made(findings):
        text = profile.snippet(profile.make(findings, name, endpoint, region), notes)
    return {
        "server": title,
        "version": version,
        "region": region,
        "findings": {probe: found.facts() for probe, found in findings.items()},
        "beware": notes,
        "profile": text,
    }


def dumps(record):
    """Return a record as text: a finding a line, so that a diff shows what has changed."""
    lines = ",\n".join(
        "    %s: %s" % (json.dumps(name), json.dumps(facts, ensure_ascii=False))
        for name, facts in record["findings"].items()
    )
    rest = dict(record, findings="@")
    text = json.dumps(rest, indent=2, ensure_ascii=False)
    return text.replace('"@"', "{\n%s\n  }" % lines) + "\n"


def load(name):
    """Return the record that is kept of one of our own servers."""
    return json.loads((FOLDER / (name + ".json")).read_text(encoding="utf-8"))


def differences(old, new):
    """Return what is different between two records, a list of lines. Not run, not compared."""
    lines = []
    if old["version"] != new["version"]:
        lines.append("version: %s, was %s" % (new["version"], old["version"]))
    for name, facts in new["findings"].items():
        before = old["findings"].get(name)
        if before != facts:
            lines.append("%s: %s, was %s" % (name, json.dumps(facts), json.dumps(before)))
    return lines


def _cell(facts):
    words = [_MARKS[facts["verdict"]]]
    if facts.get("status"):
        words.append(str(facts["status"]))
    if facts.get("code"):
        words.append("`%s`" % facts["code"])
    text = " ".join(words)
    note = facts.get("note")
    return text if note is None or facts["verdict"] == NOT_ASKED else "%s, %s" % (text, note)


def _table(group, records):
    head = "| | %s |\n|---|%s\n"
    text = head % (" | ".join(one["server"] for one in records), "---|" * len(records))
    for probe in all_probes().values():
        if probe.group == group:
            question = probe.question.replace("|", "\\|")
            cells = [_cell(one["findings"][probe.name]) for one in records]
            text += "| %s | %s |\n" % (question, " | ".join(cells))
    return text


def _counts(record):
    verdicts = [facts["verdict"] for facts in record["findings"].values()]
    return [verdicts.count(verdict) for verdict in (YES, NO, WRONG, NOT_ASKED)]


def results():
    """Return the generated part of the page, Markdown."""
    records = [load(name) for name in servers.SERVERS]
    text = "| server | version | yes | no | wrongly | not asked |\n|---|---|---|---|---|---|\n"
    for one in records:
        row = (one["server"], one["version"], *_counts(one))
        text += "| %s | %s | %d | %d | %d | %d |\n" % row
    for group, title in GROUPS.items():
        text += "\n### %s\n\n%s" % (title, _table(group, records))
    text += "\n## Profiles that follow\n"
    for one in records:
        text += "\n%s %s:\n\n```python\n%s```\n" % (one["server"], one["version"], one["profile"])
    return text


def page():
    """Return docs/compatibility.md as it should be, str. Raises: ValueError without the markers."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return text[:start] + results() + text[end:]
