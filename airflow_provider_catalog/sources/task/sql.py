"""SQL that a task ran: its statements over one connection are one script, in which temporary tables come and go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, JobId
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.statement import EXISTENCE, SQL_SHAPE, Claim, ColumnEdge, Rule, digest
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.connections import Database, database
from airflow_provider_catalog.sources.sql import SqlLineage, SqlStatement, remembered
from airflow_provider_catalog.sources.sql.files import dataset as file
from airflow_provider_catalog.sources.sql.files import is_file
from airflow_provider_catalog.sources.sql.moments import shape
from airflow_provider_catalog.sources.task.evidence import Evidence

_END = "\n;\n"
"""A statement may end in a comment."""
_COUNTED = frozenset({"insert", "merge", "update", "copy", "load"})
"""Statements whose count of rows is that of rows written."""
_EMPTYING = frozenset({"delete", "truncate"})
_OWN, _MAYBE = "it only lives while the script runs", "the task did not succeed, so it may still be there"


class _Script(NamedTuple):
    """What was run over one connection; `named` are the tables that have names outside of it."""

    connection: str
    database: Database
    defaults: tuple[str | None, str | None]
    records: list[dict[str, Any]]
    said: SqlLineage
    named: dict[str, DatasetId]


def gather(record: dict[str, Any], evidence: Evidence) -> None:
    notes = evidence.notes
    stated = notes.objects(record.get("sql"), "/sql")
    records = [each for at, each in stated if notes.text(each.get("sql"), f"{at}/sql")]
    scripts = [_script(each, record, evidence) for each in _by_session(records)]
    for script in scripts:
        _add(script, evidence)
    if records:
        evidence.sql = {"query": ";\n".join(each["sql"].rstrip("; \n") for each in records), **_session(scripts)}


def shaped(job: JobId, evidence: Evidence) -> Iterator[Claim]:
    """What SQL it is, of a task that always runs the same."""
    if evidence.sql and evidence.writes:
        fingerprint = digest(shape(evidence.sql["query"]).encode("utf-8", "replace")).hex()
        yield Claim.of(job, SQL_SHAPE, {"fingerprint": fingerprint})


def _session(scripts: Iterable[_Script]) -> dict[str, str]:
    """What all of them have in common, so that the SQL can be read again."""
    sessions = {(script.database.dialect, *script.defaults) for script in scripts}
    common = zip(("dialect", "database", "schema"), zip(*sessions, strict=True), strict=True)
    return {key: said[0] for key, said in common if said[0] and len(set(said)) == 1}


def _by_session(records: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    keys = ("conn_id", "default_database", "default_schema")
    sessions: defaultdict[tuple[str | None, ...], list[dict[str, Any]]] = defaultdict(list)
    for each in records:
        sessions[tuple(map(_text, map(each.get, keys)))].append(each)
    return sessions.values()


def _script(records: list[dict[str, Any]], record: dict[str, Any], evidence: Evidence) -> _Script:
    conn_id = _text(records[0].get("conn_id")) or ""
    known = evidence.notes.object(record.get("connections"), "/connections").get(conn_id)
    connection = evidence.notes.object(known, f"/connections/{conn_id}")
    where = database(connection, _text(record.get("operator_class")) or "")  # type: ignore[arg-type]  # it checks
    stated = (_text(records[0].get(key)) for key in ("default_database", "default_schema"))
    defaults = where.session(*stated)
    said = remembered(_END.join(each["sql"] for each in records), where.dialect, *defaults)
    ends = dict.fromkeys((*said.inputs, *said.outputs, *(table for edge in said.edges for table in edge)))
    named = {table: dataset for table in ends if (dataset := _dataset(where, table))}
    return _Script(conn_id, where, defaults, records, said, named)


def _dataset(where: Database, table: str) -> DatasetId | None:
    if is_file(table):
        return where.dataset(table) if table.startswith("@") else file(table)
    return where.dataset(table) if len(table.encode()) < NAME_BYTES - len(where.namespace.encode()) else None


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _add(script: _Script, evidence: Evidence) -> None:
    said, named = script.said, script.named
    gone = _gone(said)
    evidence.reads.update(dict.fromkeys(named[table] for table in said.inputs if table in named))
    unmade = gone | _emptied(said)
    evidence.writes.update(
        dict.fromkeys(named[table] for table in said.outputs if table in named and table not in unmade)
    )
    for source, target in said.edges:
        if source in named and target in named and target not in gone:
            evidence.derive([named[source]], [named[target]], Rule.SQL, _confidence(said, target))
    for edge in _column_edges(script, gone):
        evidence.derive_column(edge)
    if evidence.succeeded:
        evidence.claims += [Claim.of(named[table], EXISTENCE, value=False) for table in gone if table in named]
    unnamed = {*said.inputs, *said.outputs} - named.keys()
    if any(each.confidence < 1 for each in said.statements) or (unnamed and not script.database.private):
        evidence.whole = False
    _count(script, evidence)
    for statement in said.statements:
        _tell(script, statement, set() if evidence.succeeded else gone, evidence)


def _column_edges(script: _Script, gone: set[str]) -> Iterator[ColumnEdge]:
    """Where both ends have names outside of the script."""
    said, named = script.said, script.named
    for edge in (*said.columns, *said.influences):
        source, target = named.get(edge.input_table or ""), named.get(edge.output_table or "")
        if source and target and edge.output_table and edge.output_table not in gone:
            yield ColumnEdge(
                ColumnId(source, edge.input_column[:NAME_BYTES]),
                ColumnId(target, edge.output_column[:NAME_BYTES]),
                edge.kind,
                Rule.SQL,
                _confidence(said, edge.output_table),
                mask_sql(edge.transformation),
            )


def _gone(said: SqlLineage) -> set[str]:
    """What the script drops for good. It is derived from nothing, so nobody writes it."""
    last = {table: statement.kind for statement in said.statements for table in statement.outputs}
    return {table for table in said.outputs if last.get(table) == "drop"}


def _emptied(said: SqlLineage) -> set[str]:
    """What loses rows and gets none. Beside other tables that are read it would be taken to be made of them."""
    if not said.inputs:
        return set()
    filled = {table for each in said.statements if each.kind not in _EMPTYING for table in each.outputs}
    return set(said.outputs) - filled - {target for _, target in said.edges}


def _confidence(said: SqlLineage, target: str) -> float:
    return min((each.confidence for each in said.statements if target in each.outputs), default=1.0)


def _count(script: _Script, evidence: Evidence) -> None:
    """Only where each record is one statement is it plain whose rows were counted."""
    if len(script.records) != len(script.said.statements):
        return
    for record, statement in zip(script.records, script.said.statements, strict=True):
        rows, written = record.get("row_count"), [script.named.get(table) for table in statement.outputs]
        if type(rows) is int and rows >= 0 and statement.kind in _COUNTED and len(written) == 1 and written[0]:
            evidence.rows[written[0]] = evidence.rows.get(written[0], 0) + rows


def _tell(script: _Script, statement: SqlStatement, maybe: set[str], evidence: Evidence) -> None:
    more: dict[str, Any] = {"connection": script.connection}
    if statement.error:
        more |= {"confidence": statement.confidence, "note": statement.error}
    outside = {*script.said.inputs, *script.said.outputs}
    for side, tables in (("reads", statement.inputs), ("writes", statement.outputs)):
        told: defaultdict[str, list[Any]] = defaultdict(list)
        for table in tables:
            lost = script.database.reason or "its name is too long"
            doubt = _MAYBE if table in maybe and side == "writes" else ""
            reason = _OWN if table not in outside else lost if table not in script.named else doubt
            told[reason].append(table if reason else script.named[table])
        for reason, names in told.items():
            evidence.tell("sql", f"{statement.kind} {side}", names, reason, **more)
    if not (statement.inputs or statement.outputs) and statement.error:
        evidence.tell("sql", statement.kind, [], "no table was found in it", **more)
