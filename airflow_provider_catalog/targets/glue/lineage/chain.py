"""The lineage of a table as parameters that Athena and people read: a chain of hops in JSON, and flat lists of names.

    [{"hop":1,"kind":"airflow_task","qualified_name":"prod/etl.load"},{"hop":2,"kind":"topic","qualified_name":…}]

A job is a hop and a dataset is the next. All of it stands in the chain while that is within 64 KB. Where it is more,
each hop is first held to 4 KB: its SQL is cut, and its last fields are left out. Then the farthest hops are dropped.
Either way `catalog.upstream_truncated` says that there is more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.targets.glue.limits import cut, size
from airflow_provider_catalog.targets.glue.lineage.kinds import CONNECTOR, FILE, JOB, TOPIC
from airflow_provider_catalog.targets.glue.ownership import PREFIX

MOST_BYTES = 64 * 1024
_OF_A_HOP, _OF_SQL = 4096, 1000
_CUT = " ..."
CHAIN, TRUNCATED = f"{PREFIX}upstream_chain", f"{PREFIX}upstream_truncated"
LAST_SYNCED, ENVIRONMENT = f"{PREFIX}last_synced", f"{PREFIX}environment_id"
_TABLES = frozenset({"table", "view", "tableflow_table"})
_CONFLUENT = {
    ENVIRONMENT: re.compile(r"(?<![\w-])env-[a-z0-9]+(?![\w-])"),
    f"{PREFIX}cluster_id": re.compile(r"(?<![\w-])lkc-[a-z0-9]+(?![\w-])"),
}


class Field(NamedTuple):
    """A column of a dataset."""

    name: str
    type: str = ""


class Hop(NamedTuple):
    """A dataset or a job, so many steps before the table. `into`: the place in the chain of what it is for; -1 is the
    table itself.
    """

    hop: int
    kind: str
    name: str
    is_job: bool = False
    into: int = -1
    sql: str = ""
    connector_class: str = ""
    fields: Sequence[Field] = ()


class Chain(NamedTuple):
    """All that lies before a table, the nearest first. `truncated`: there is more than is told of."""

    hops: Sequence[Hop] = ()
    truncated: bool = False


def parameters(chain: Chain, names: Iterable[str] = ()) -> dict[str, str | None]:
    """All that a table may carry: None for what is to go. `names`: what the table itself is called."""
    hops, whole = chain.hops, chain_json(chain.hops)
    sources = {key: _listed(some) for key, some in _by_kind(hops)}
    said = [*names, *(hop.name for hop in hops)] if hops else []
    return {
        CHAIN: whole.text if hops else None,
        TRUNCATED: "true" if hops and (whole.truncated or chain.truncated) else None,
        **sources,
        f"{PREFIX}pipeline_type": _pipeline(hops),
        **{key: _first(pattern, said) for key, pattern in _CONFLUENT.items()},
    }


class ChainText(NamedTuple):
    """Always JSON, and always within the limit."""

    text: str
    truncated: bool


def chain_json(hops: Sequence[Hop], most: int = MOST_BYTES) -> ChainText:
    whole = list(_fitting((_json(_entry(hop)) for hop in hops), most))
    if len(whole) == len(hops):
        return ChainText(f"[{','.join(whole)}]", truncated=False)
    return ChainText(f"[{','.join(_fitting(map(_slim, hops), most))}]", truncated=True)


def _fitting(entries: Iterable[str], most: int) -> Iterator[str]:
    """As many of the first as there is room for, between two brackets and with a comma after each but the last."""
    room = most - 1
    for entry in entries:
        room -= size(entry) + 1
        if room < 0:
            return
        yield entry


def _entry(hop: Hop) -> dict[str, Any]:
    told: dict[str, Any] = {"hop": hop.hop, "kind": hop.kind, "qualified_name": hop.name}
    if hop.sql:
        told["sql"] = hop.sql
    if hop.connector_class:
        told["connector_class"] = hop.connector_class
    if hop.fields:
        told["schema_fields"] = [field._asdict() for field in hop.fields]
    return told


def _slim(hop: Hop) -> str:
    whole = _json(_entry(hop._replace(fields=hop.fields[:_OF_A_HOP])))
    if size(whole) <= _OF_A_HOP and len(hop.fields) <= _OF_A_HOP:
        return whole
    sql = hop.sql if size(hop.sql) <= _OF_SQL else f"{cut(hop.sql, _OF_SQL - len(_CUT))}{_CUT}"
    bare = _entry(hop._replace(sql=sql, fields=()))
    kept = len(list(_fitting((_json(field._asdict()) for field in hop.fields), _OF_A_HOP - size(_json(bare)) - 60)))
    fields = {"schema_fields": [field._asdict() for field in hop.fields[:kept]]} if kept else {}
    left_out = {"schema_fields_left_out": len(hop.fields) - kept} if kept < len(hop.fields) else {}
    return _json({**bare, **fields, **left_out})


def _json(value: Any) -> str:
    """Half a character is none that AWS takes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()


def _by_kind(hops: Sequence[Hop]) -> Iterator[tuple[str, Iterable[str]]]:
    yield f"{PREFIX}source_topics", (hop.name for hop in hops if hop.kind == TOPIC)
    yield f"{PREFIX}source_tables", (hop.name for hop in hops if hop.kind in _TABLES)
    yield f"{PREFIX}source_files", (hop.name for hop in hops if hop.kind == FILE)
    others = (hop for hop in hops if not hop.is_job and hop.kind not in {TOPIC, FILE, *_TABLES})
    yield f"{PREFIX}source_datasets", (hop.name for hop in others)
    yield f"{PREFIX}source_connectors", (hop.name for hop in hops if hop.kind == CONNECTOR)
    yield f"{PREFIX}source_jobs", (hop.name for hop in hops if hop.is_job and hop.kind != CONNECTOR)


def _listed(names: Iterable[str]) -> str | None:
    """The nearest first, each once and whole, within the same limit as the chain."""
    plain = (name.encode("utf-8", "replace").decode() for name in dict.fromkeys(names))
    return ",".join(_fitting(plain, MOST_BYTES)) or None


def _pipeline(hops: Sequence[Hop]) -> str | None:
    """Who makes the table itself: `airflow`, `dbt`, `tableflow`; several where several do."""
    if any(hop.into == -1 and hop.kind == "tableflow_table" for hop in hops):
        return "tableflow"
    kinds = {hop.kind for hop in hops if hop.is_job and hop.into == -1}
    return ",".join(sorted({kind.partition("_")[0] for kind in kinds} - {JOB})) or None


def _first(pattern: re.Pattern[str], names: Iterable[str]) -> str | None:
    return next((found[0] for name in names if (found := pattern.search(name))), None)
