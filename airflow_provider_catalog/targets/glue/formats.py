"""File formats as Glue and Athena have them: the classes that read and write them, and parameters that tell of them.

Adding a format is adding a row. Tables of Iceberg are made by whoever writes them, so that row has no classes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

_HIVE = "org.apache.hadoop.hive"
_TEXT = ("org.apache.hadoop.mapred.TextInputFormat", f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat")
_PARQUET = f"{_HIVE}.ql.io.parquet"
_LAZY = f"{_HIVE}.serde2.lazy.LazySimpleSerDe"
_ONE = {"serialization.format": "1"}


class Format(NamedTuple):
    """`positional`: a column is known by its place. `knows_partitions`: its log does; in Glue they are columns."""

    name: str
    input: str = ""
    output: str = ""
    library: str = ""
    serde: Mapping[str, str] = MappingProxyType({})
    parameters: Mapping[str, str] = MappingProxyType({})
    positional: bool = False
    knows_partitions: bool = False


class Storage(NamedTuple):
    """What a table has of its format: members of its StorageDescriptor, and parameters of the table."""

    descriptor: Mapping[str, Any]
    parameters: Mapping[str, str]


def _separated(name: str, by: str) -> Format:
    serde = {"serialization.format": by, "field.delim": by}
    return Format(name, *_TEXT, _LAZY, serde, {"classification": "csv", "delimiter": by}, positional=True)


def _told(name: str) -> Mapping[str, str]:
    return {"classification": name, "table_type": name.upper(), "spark.sql.sources.provider": name}


_ROWS = (
    Format(
        "parquet",
        f"{_PARQUET}.MapredParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
        _ONE,
        {"classification": "parquet"},
    ),
    Format(
        "orc",
        f"{_HIVE}.ql.io.orc.OrcInputFormat",
        f"{_HIVE}.ql.io.orc.OrcOutputFormat",
        f"{_HIVE}.ql.io.orc.OrcSerde",
        _ONE,
        {"classification": "orc"},
    ),
    Format(
        "avro",
        f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{_HIVE}.serde2.avro.AvroSerDe",
        _ONE,
        {"classification": "avro"},
    ),
    Format("json", *_TEXT, "org.openx.data.jsonserde.JsonSerDe", _ONE, {"classification": "json"}),
    _separated("csv", ","),
    _separated("tsv", "\t"),
    Format(
        "delta",
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        f"{_HIVE}.ql.io.HiveSequenceFileOutputFormat",
        _LAZY,
        _ONE,
        _told("delta"),
        knows_partitions=True,
    ),
    Format(
        "hudi",
        "org.apache.hudi.hadoop.HoodieParquetInputFormat",
        f"{_PARQUET}.MapredParquetOutputFormat",
        f"{_PARQUET}.serde.ParquetHiveSerDe",
        _ONE,
        _told("hudi"),
    ),
    Format("iceberg", parameters={"table_type": "ICEBERG"}, knows_partitions=True),
)
_ALSO = {
    "parquet": ("parq", "pq"),
    "orc": ("orcfile",),
    "json": ("jsonl", "ndjson", "jsonlines"),
    "tsv": ("tab",),
    "delta": ("deltalake", "delta-lake", "delta_lake"),
    "hudi": ("hoodie",),
}
_BY_NAME = {name: row for row in _ROWS for name in (row.name, *_ALSO.get(row.name, ()))}
_ENDINGS = {
    "gzip": ("gz", "gzip"),
    "snappy": ("snappy", "sz"),
    "zstd": ("zst", "zstd"),
    "bzip2": ("bz2", "bzip2"),
    "lz4": ("lz4",),
    "deflate": ("deflate",),
    "zlib": ("zlib",),
    "brotli": ("br", "brotli"),
    "none": ("none", "uncompressed"),
}
_COMPRESSIONS = {ending: name for name, endings in _ENDINGS.items() for ending in endings}
_FOLDERS = {"_delta_log": "delta", ".hoodie": "hudi"}
_METADATA = re.compile(r"metadata/[^/]*\.metadata\.json(\.gz)?$")


def format_of(stated: str) -> Format | None:
    """By its name, or by one like `application/x-parquet`."""
    name = re.sub(r"^.*/(x-|vnd\.apache\.)?|^\.", "", stated.strip().lower())
    return _BY_NAME.get(name)


def of_path(path: str) -> tuple[str, str]:
    """The names of the format and of the compression, by the endings of a file; empty when they tell nothing."""
    folder = next((_FOLDERS[part] for part in path.lower().split("/") if part in _FOLDERS), "")
    if folder or _METADATA.search(path.lower()):
        return folder or "iceberg", ""
    endings = path.lower().rpartition("/")[2].split(".")[1:][-2:]
    found = next((row.name for row in map(format_of, reversed(endings)) if row), "")
    return found, next((_COMPRESSIONS[each] for each in endings if each in _COMPRESSIONS), "")


def storage(stated: str, compression: str = "", header_lines: int = 0) -> Storage | None:
    """None for what is no format of these."""
    found = format_of(stated)
    if found is None:
        return None
    compressed = _COMPRESSIONS.get(compression.strip().lower(), "")
    parameters = {"typeOfData": "file", **found.parameters}
    if compressed:
        parameters["compressionType"] = compressed
    if header_lines > 0 and found.positional:
        parameters["skip.header.line.count"] = str(header_lines)
    return Storage(_descriptor(found, compressed) if found.input else {}, parameters)


def _descriptor(found: Format, compressed: str) -> dict[str, Any]:
    told = {"Compressed": compressed != "none"} if compressed else {}
    serde = {"SerializationLibrary": found.library, "Parameters": dict(found.serde)}
    return {"InputFormat": found.input, "OutputFormat": found.output, "SerdeInfo": serde, **told}
