"""What `dbt diff` found, for a terminal and as the Markdown of a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_catalog.cli.output import Style, clean, table

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_diff import Change
    from airflow_provider_catalog.services.dbt_findings import Findings
    from airflow_provider_catalog.services.dbt_impact import Affected

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#])")
_ROWS = 100
"""So many of a table a comment shows at most: GitHub takes 65,536 characters."""
_LONG = 200


class _Section(NamedTuple):
    """One table. Of `code` columns the texts are names."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    code: frozenset[int] = frozenset()


def text(found: Findings, style: Style) -> str:
    parts = [style.bold(_verdict(found)) if found.failed else style.good(_verdict(found))]
    for section in _sections(found):
        header = tuple(name.upper() for name in section.header)
        parts.append(f"{style.bold(section.title)}\n{table(header, section.rows, style)}")
    return "\n\n".join([*parts, *(style.warn(clean(note)) for note in found.notes)])


def markdown(found: Findings) -> str:
    parts = [f"### dbt: {_prose(_verdict(found))}"]
    for section in _sections(found):
        head = f"| {' | '.join(section.header)} |\n|{' --- |' * len(section.header)}"
        lines = [_row(row, section.code) for row in section.rows[:_ROWS]]
        more = f"\n\n… and {len(section.rows) - _ROWS} more" if len(section.rows) > _ROWS else ""
        parts.append("\n".join([f"**{section.title}**", "", head, *lines]) + more)
    return "\n\n".join([*parts, *(f"> {_prose(note)}" for note in found.notes)]) + "\n"


def _verdict(found: Findings) -> str:
    breaking = sum(change.breaking for change in found.changes)
    others = len(found.changes) - breaking
    if not breaking:
        return f"nothing breaks, {_changes(others)}"
    return _changes(breaking, "breaking ") + (f", {others} more" if others else "")


def _changes(count: int, kind: str = "") -> str:
    return f"{count or 'no'} {kind}change{'' if count == 1 else 's'}"


def _sections(found: Findings) -> Iterator[_Section]:
    inside, outside = found.inside, found.outside
    tests = [(each.name, ", ".join(each.uses)) for each in inside.tests]
    users = [(each.name, each.kind, ", ".join(each.uses), ", ".join(each.owners), each.url) for each in inside.users]
    tasks = [(each.job, each.kind, ", ".join(each.because)) for each in (outside.tasks if outside else ())]
    things = [
        (each.dataset, each.platform, ", ".join(each.columns), ", ".join(each.because))
        for each in (outside.datasets if outside else ())
    ]
    names = frozenset({0, 1})
    shown = (
        _Section(
            "Breaks",
            ("Change", "What", "Before", "After"),
            _changed(found.changes, breaking=True),
            frozenset({1, 2, 3}),
        ),
        _Section(
            "Affected models",
            ("Model", "Columns", "State", "Because of", "Owner"),
            list(map(_affected, inside.nodes)),
            frozenset({0, 1, 3}),
        ),
        _Section("Exposures and metrics", ("Name", "Kind", "Uses", "Owner", "URL"), users, frozenset({0, 2})),
        _Section("Tests", ("Test", "Of"), tests, names),
        _Section("Tasks and other jobs", ("Job", "Type", "Because of"), tasks, frozenset({0, 2})),
        _Section("Elsewhere", ("Dataset", "Platform", "Columns", "Because of"), things, frozenset({0, 2, 3})),
        _Section(
            "To be told",
            ("Owner", "Of"),
            [(who, ", ".join(theirs)) for who, theirs in found.owners().items()],
            frozenset({1}),
        ),
        _Section(
            "Also changed",
            ("Change", "What", "Before", "After"),
            _changed(found.changes, breaking=False),
            frozenset({1, 2, 3}),
        ),
    )
    yield from (section for section in shown if section.rows)


def _changed(changes: Iterable[Change], *, breaking: bool) -> list[tuple[str, ...]]:
    return [
        (each.kind.replace("_", " "), each.what, each.before, each.after)
        for each in changes
        if each.breaking is breaking
    ]


def _affected(node: Affected) -> tuple[str, ...]:
    columns = "all" if node.whole or not node.certain else ", ".join(node.columns)
    rows = " (which rows)" if node.rows and not node.whole else ""
    more = " and perhaps all" if node.guessed and node.certain and not node.whole else ""
    state = node.state if node.certain else f"{node.state}, perhaps"
    return (node.name, f"{columns}{rows}{more}".strip(), state, ", ".join(node.because), ", ".join(node.owners))


def _row(cells: Iterable[str], code: frozenset[int]) -> str:
    shown = (_code(cell) if at in code else _prose(cell) for at, cell in enumerate(cells))
    return f"| {' | '.join(shown)} |"


def _code(said: str) -> str:
    """In backticks nothing is markup, but the bar still ends a cell."""
    found = clean(_cut(said)).replace("`", "'").replace("|", "\\|")
    return f"`{found}`" if found else ""


def _prose(said: str) -> str:
    return _MARKUP.sub(r"\\\1", clean(_cut(said)))


def _cut(said: str) -> str:
    return said if len(said) <= _LONG else f"{said[:_LONG]} …"
