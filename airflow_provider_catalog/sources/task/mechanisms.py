"""Mechanisms: each way in which a task tells what it reads and writes, read by itself.

`@lineage` and `@task.catalogued` declare it, hooks report assets and SQL, inlets and outlets are written in the DAG,
some operators say it in OpenLineage's words, and those of AWS were told it. What cannot be read leaves a note, and the
others count all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, IdentityError
from airflow_provider_catalog.model.statement import ColumnEdge, EdgeKind, Rule
from airflow_provider_catalog.sources import assets
from airflow_provider_catalog.sources.airflow_runs import skip
from airflow_provider_catalog.sources.checks import NAME_BYTES, sequence, text
from airflow_provider_catalog.sources.task import aws, sql
from airflow_provider_catalog.sources.task.evidence import Evidence

Record = dict[str, Any]


def gather(record: Record, evidence: Evidence) -> None:
    record = aws.completed(record)
    for mechanism in (_declared, _inlets, _hook, sql.gather, _operator, aws.gather):
        mechanism(record, evidence)


def _declared(record: Record, evidence: Evidence) -> None:
    for at, declaration in evidence.notes.objects(record.get("declared"), "/declared"):
        reads = _named(declaration.get("inputs"), f"{at}/inputs", evidence)
        writes = _named(declaration.get("outputs"), f"{at}/outputs", evidence)
        evidence.derive(reads, writes, Rule.DECLARED)
        for source, target in _columns(declaration, at, evidence):
            reads[source.dataset] = writes[target.dataset] = None
            evidence.derive_column(ColumnEdge(source, target, EdgeKind.TRANSFORMATION, Rule.DECLARED))
        _add(evidence, "declared", reads, writes)


def _inlets(record: Record, evidence: Evidence) -> None:
    reads = _assets(record, evidence, "inlets")
    writes = _assets(record, evidence, "outlets") | _assets(record, evidence, "outlet_events")
    evidence.derive(reads, writes, Rule.DECLARED)
    _add(evidence, "inlets and outlets", reads, writes)


def _hook(record: Record, evidence: Evidence) -> None:
    reads, writes = _assets(record, evidence, "hook_inputs"), _assets(record, evidence, "hook_outputs")
    evidence.derive(reads, writes, Rule.HOOK)
    _add(evidence, "hook", reads, writes)


def _operator(record: Record, evidence: Evidence) -> None:
    """Kept in its own words: `openlineage` reads them. It says itself when it has not read all."""
    stated = evidence.notes.object(record.get("openlineage"), "/openlineage")
    evidence.stated = {key: evidence.notes.object(stated.get(key), f"/openlineage/{key}") for key in _FACETS}
    evidence.whole = evidence.whole and "extractionError" not in evidence.stated["run_facets"]
    for side, ports in (("inputs", evidence.reads), ("outputs", evidence.writes)):
        found = list(_datasets(stated.get(side), f"/openlineage/{side}", evidence))
        evidence.stated[side] = [body for body, _ in found]
        ports.update(dict.fromkeys(dataset for _, dataset in found))
        if found:
            evidence.tell("operator", "reads" if side == "inputs" else "writes", [dataset for _, dataset in found])


_FACETS = ("run_facets", "job_facets")


def _add(evidence: Evidence, mechanism: str, reads: dict[DatasetId, None], writes: dict[DatasetId, None]) -> None:
    for what, found, ports in (("reads", reads, evidence.reads), ("writes", writes, evidence.writes)):
        ports.update(found)
        if found:
            evidence.tell(mechanism, what, found)


def _assets(record: Record, evidence: Evidence, key: str) -> dict[DatasetId, None]:
    found: dict[DatasetId, None] = {}
    for at, asset in evidence.notes.objects(record.get(key), f"/{key}"):
        try:
            dataset = assets.dataset_of(asset, at)
        except RejectedError as error:
            skip(error, evidence.notes)
        else:
            found[dataset] = None
            evidence.claims += assets.claims_of(asset, dataset)
    return found


def _named(stated: Any, path: str, evidence: Evidence) -> dict[DatasetId, None]:
    found = (_parsed(each, f"{path}/{i}", evidence) for i, each in enumerate(_list(stated, path, evidence)))
    return dict.fromkeys(dataset for dataset in found if dataset is not None)


def _columns(declaration: Record, path: str, evidence: Evidence) -> Iterator[tuple[ColumnId, ColumnId]]:
    """Each source with the column that is made of it."""
    columns = evidence.notes.object(declaration.get("columns"), f"{path}/columns")
    for i, (target, sources) in enumerate(columns.items()):
        at = f"{path}/columns/{i}"
        written = _column(target, at, evidence)
        for each in _list(sources, at, evidence):
            read = _column(each, at, evidence)
            if written is not None and read is not None:
                yield read, written


def _column(stated: Any, path: str, evidence: Evidence) -> ColumnId | None:
    dataset, _, column = stated.rpartition("#") if type(stated) is str else ("", "", "")
    if not dataset or not column:
        evidence.notes.skip(path, "expected dataset#column")
        return None
    found = _parsed(dataset, path, evidence)
    return ColumnId(found, column[:NAME_BYTES]) if found is not None else None


def _parsed(stated: Any, path: str, evidence: Evidence) -> DatasetId | None:
    try:
        return DatasetId.parse(text(stated, path))
    except IdentityError as error:
        evidence.notes.skip(path, str(error))
        evidence.tell("declared", "names", [error.text], "it names no dataset")
    except RejectedError as error:
        skip(error, evidence.notes)
    return None


def _datasets(stated: Any, path: str, evidence: Evidence) -> Iterator[tuple[Record, DatasetId]]:
    for at, body in evidence.notes.objects(stated, path):
        try:
            namespace, name = text(body.get("namespace"), f"{at}/namespace"), text(body.get("name"), f"{at}/name")
        except RejectedError as error:
            skip(error, evidence.notes)
        else:
            yield body, DatasetId(namespace, name)


def _list(stated: Any, path: str, evidence: Evidence) -> list[Any]:
    try:
        return sequence(stated, path)
    except RejectedError as error:
        skip(error, evidence.notes)
        return []
