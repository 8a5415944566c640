"""Files, paths and stages in SQL: what COPY, UNLOAD and LOAD move, and what is selected from as if it were a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.sql.relation import Node

FILES = frozenset({"table", "copy", "loaddata", "directory", "export", "anonymous", "readcsv", "readparquet"})
"""What tells files in a syntax tree."""
_ENDINGS = (".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".avro", ".orc", ".xlsx", ".gz")
_READING = re.compile(
    r"(?i)^(?:read|scan)_?\w+|^\w+_scan$|^openrowset$|^(?:s3|gcs|hdfs|url|file|azureblobstorage)(?:cluster)?$"
)
_NAMED = frozenset({"identifier", "literal", "var", "rawstring"})
_LOCAL = "file"
_STAGE = "snowflake"
_NO_FILES = frozenset({"", "stdin", "stdout"})


def is_file(text: str) -> bool:
    return text.startswith(("@", "/")) or "://" in text or text.lower().endswith(_ENDINGS)


def files(nodes: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Each with "r" or "w"."""
    for node in nodes:
        for use, text in _of(node):
            if text.lower() not in _NO_FILES and (is_file(text) or node.key != "table"):
                yield use, text


def file_of(table: Node) -> str | None:
    """The file that stands where a table does, by its last part: Spark says which format it is before."""
    named = table.this
    if named is None or named.key not in _NAMED:
        return None
    return named.name if is_file(named.name) else None


def files_of(function: Node) -> list[str]:
    """Those that a table function reads: what it gives are their columns."""
    return [text.name for text in _texts(function) if is_file(text.name)] if _reads(function) else []


def _of(node: Node) -> Iterator[tuple[str, str]]:
    if node.key == "table":
        if (text := file_of(node)) is not None:
            yield _use(node), text
    elif node.key == "copy":
        yield from (("r" if node.args.get("kind") else "w", each.name) for each in node.args["files"] if _is_text(each))
    elif node.key == "loaddata":
        stated = node.args.get("inpath"), node.args.get("files")
        yield from (("r", text.name) for each in stated if each for text in _texts(each) if is_file(text.name))
    elif node.key == "directory":
        yield "w", node.name
    elif node.key == "export":
        yield from (("w", text.name) for text in _texts(node.args["options"]) if is_file(text.name))
    elif _reads(node):
        yield from ((_use(node), text.name) for text in _texts(node) if is_file(text.name))


def _use(node: Node) -> str:
    holder, slot = node.parent, node.arg_key
    while holder is not None and holder.key == "schema":
        holder, slot = holder.parent, holder.arg_key
    return "w" if holder is not None and holder.key in ("copy", "insert") and slot == "this" else "r"


def _reads(node: Node) -> bool:
    name = str(node.this) if node.key == "anonymous" else node.key
    return node.key.startswith("read") or (node.key == "anonymous" and _READING.match(name) is not None)


def _is_text(node: Node) -> bool:
    return bool(node.key == "literal" and node.is_string)


def _texts(node: Node) -> Iterator[Node]:
    return (each for each in node.walk() if _is_text(each))


def dataset(text: str) -> DatasetId | None:
    """A URI names one; a path lies on some host, and a stage in some account."""
    found = DatasetId.from_asset_uri(text) if "://" in text else None
    if found is not None or "://" in text:
        return found
    return DatasetId(_STAGE if text.startswith("@") else _LOCAL, text)
