"""Names of types as data: what Hive calls each one, everywhere and by dialect. Adding one is adding a word to a row.

A row is a Hive type, or what makes one of the numbers in brackets, and the names that mean it. A dialect's own rows
come before those of its kin, and these before the rows for everybody. Types are as wide as what they must hold; what
only text can hold (times of day, intervals, documents, shapes, more than 38 digits) is a string.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

Numbers: TypeAlias = tuple[int, ...]
Rule: TypeAlias = str | Callable[[Numbers], str]
_Rows: TypeAlias = tuple[tuple[Rule, str], ...]

DIGITS = 38
_UNKNOWN = ""


def _decimal(otherwise: str) -> Rule:
    """`otherwise`: what it is when nobody says how many digits."""
    return lambda numbers: _digits(numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else otherwise


def _scaled(precision: int) -> Rule:
    """Of so many digits, whatever is said; the number in brackets is the scale."""
    return lambda numbers: _digits(precision, numbers[0] if numbers else 0)


def _digits(precision: int, scale: int) -> str:
    """Hive has no negative scales, and none greater than the precision."""
    precision = max(precision - min(scale, 0), scale)
    return f"decimal({precision},{max(scale, 0)})" if 0 < precision <= DIGITS else "string"


def _text(kind: str, longest: int) -> Rule:
    """Without a length it is a string: whoever left it out may have meant any."""
    return lambda numbers: f"{kind}({numbers[0]})" if numbers and 0 < numbers[0] <= longest else "string"


def _by_size(otherwise: str, *sizes: tuple[int, str]) -> Rule:
    """The first that is wide enough."""
    return lambda numbers: next((kind for size, kind in sizes if numbers and numbers[0] <= size), otherwise)


def _bits(numbers: Numbers) -> str:
    """Parquet's INTEGER(8, false): how wide, and whether it has a sign, which takes a bit more when it has none."""
    width = numbers[0] + (len(numbers) > 1 and not numbers[1]) if numbers else 32
    kinds = ((8, "tinyint"), (16, "smallint"), (32, "int"), (64, "bigint"), (65, "decimal(20,0)"))
    return next((kind for size, kind in kinds if width <= size), "string")


_CHAR, _VARCHAR = _text("char", 255), _text("varchar", 65_535)
_SINGLE = (24, "float")

_EVERYWHERE: _Rows = (
    ("boolean", "boolean, bool, logical"),
    ("tinyint", "tinyint, int1, int8, int_8, byte, byteint"),
    ("smallint", "smallint, int2, int16, int_16, short, smallserial, serial2, uint8, uint_8, utinyint, ubyte"),
    ("int", "int, integer, int4, int32, int_32, int3, mediumint, mediumint unsigned, signed, serial, serial4"),
    ("int", "uint16, uint_16, usmallint, ushort"),
    ("bigint", "bigint, int64, int_64, long, bigserial, serial8, uint32, uint_32, uinteger, uint"),
    ("decimal(20,0)", "uint64, uint_64, ubigint, ulong"),
    ("string", "hugeint, uhugeint, largeint, int128, uint128, int256, uint256, varint, bignum, bignumeric, decfloat"),
    ("float", "float, float4, float32, float16, halffloat, half, real, bfloat16, binary_float"),
    ("double", "double, double precision, float8, float64, binary_double"),
    (_decimal(_UNKNOWN), "decimal, numeric, dec, number, fixed, decimal128, decimal256"),
    (_CHAR, "char, character, nchar, bpchar, national char, national character, graphic"),
    (_VARCHAR, "varchar, varchar2, nvarchar, nvarchar2, character varying, char varying, national varchar"),
    (_VARCHAR, "national character varying, national char varying, nchar varying, vargraphic"),
    ("string", "string, text, tinytext, mediumtext, longtext, ntext, clob, nclob, dbclob, long varchar, utf8, str"),
    ("string", "character large object, char large object, national character large object, long vargraphic"),
    ("string", "large_string, large_utf8, string_view, object, category, categorical, symbol, citext"),
    ("binary", "binary, varbinary, bytes, bytea, blob, tinyblob, mediumblob, longblob, raw, long raw, image, bson"),
    ("binary", "binary varying, binary large object, byte_array, fixed_len_byte_array, fixed_size_binary"),
    ("binary", "large_binary, binary_view, varbyte"),
    ("date", "date, date32, date64"),
    ("timestamp", "timestamp, datetime, datetime2, smalldatetime, datetimeoffset, datetime64, int96, timestamptz"),
    ("timestamp", "timestamp with time zone, timestamp without time zone, timestamp with local time zone"),
    ("timestamp", "timestamp_tz, timestamp_ntz, timestamp_ltz, timestampntz, timestampltz, timestamp_s, timestamp_ms"),
    ("timestamp", "timestamp_us, timestamp_ns, timestamptz_ns, timestamp_millis, timestamp_micros, timestamp_nanos"),
    ("timestamp", "timestamp-millis, timestamp-micros, timestamp-nanos, local-timestamp-millis"),
    ("timestamp", "local-timestamp-micros, local-timestamp-nanos"),
    ("string", "time, timetz, time32, time64, time-millis, time-micros, time_millis, time_micros, time_nanos"),
    ("string", "interval, duration, timedelta, timedelta64, period, month_day_nano_interval, complex64, complex128"),
    ("string", "uuid, guid, uniqueidentifier, json, jsonb, xml, enum, set, variant, super, union, uniontype, null"),
    ("string", "geometry, geography, point, linestring, polygon, multipoint, multilinestring, multipolygon"),
    ("string", "geometrycollection, geomcollection, inet, cidr, macaddr, hllsketch, vector, void, unknown"),
)
_OWN: dict[str, _Rows] = {
    "postgres": (
        ("bigint", "int8, oid, xid, cid"),
        ("decimal(20,0)", "xid8"),
        (_by_size("double", _SINGLE), "float"),
        (_decimal("string"), "decimal, numeric, dec"),
        ("decimal(19,2)", "money"),
        ("string", "bit, bit varying, varbit, name, hstore, ltree, box, line, lseg, path, circle, macaddr8, jsonpath"),
        ("string", "tsvector, tsquery, pg_lsn, txid_snapshot, pg_snapshot, tid, regclass, regproc, regtype, halfvec"),
        ("string", "int4range, int8range, numrange, tsrange, tstzrange, daterange, int4multirange, int8multirange"),
        ("string", "nummultirange, tsmultirange, tstzmultirange, datemultirange"),
    ),
    "cockroachdb": (("bigint", "int, integer, serial"),),
    "redshift": ((_decimal("decimal(18,0)"), "decimal, numeric"), ("string", "intervaly2m, intervald2s")),
    "mysql": (
        ("bigint", "int8"),
        ("int", "middleint"),
        ("decimal(20,0)", "serial"),
        (_by_size("float", _SINGLE, (53, "double")), "float"),
        ("double", "real"),
        (_decimal("decimal(10,0)"), "decimal, numeric, dec, fixed"),
        ("smallint", "year"),
        (lambda numbers: "boolean" if numbers in ((), (1,)) else "binary", "bit"),
        ("string", "long, long char varying, long character varying, inet4, inet6"),
        ("binary", "long varbinary, char byte"),
    ),
    "tsql": (
        ("smallint", "tinyint"),
        ("boolean", "bit"),
        (_by_size("double", _SINGLE), "float"),
        (_decimal("decimal(18,0)"), "decimal, numeric, dec"),
        ("decimal(19,4)", "money"),
        ("decimal(10,4)", "smallmoney"),
        ("binary", "timestamp, rowversion"),
        ("string", "hierarchyid, sql_variant, sysname"),
    ),
    "oracle": (
        ("decimal(38,0)", "int, integer, smallint"),
        (_decimal("string"), "number"),
        (_decimal("decimal(38,0)"), "decimal, numeric, dec"),
        ("double", "float, real"),
        ("timestamp", "date"),
        ("string", "long, rowid, urowid, bfile, xmltype, sdo_geometry, uritype, anydata"),
    ),
    "snowflake": (
        ("decimal(38,0)", "int, integer, bigint, smallint, tinyint, byteint"),
        (_decimal("decimal(38,0)"), "number, decimal, numeric, dec"),
        ("double", "float, float4, real"),
        (_VARCHAR, "string, text"),
        ("string", "array, map, file"),
    ),
    "bigquery": (
        ("bigint", "int, integer, smallint, tinyint, byteint"),
        ("double", "float"),
        (_decimal("decimal(38,9)"), "numeric, decimal"),
        (_decimal("string"), "bignumeric, bigdecimal"),
        (_VARCHAR, "string"),
        ("string", "range"),
    ),
    "trino": (
        (_decimal("decimal(38,0)"), "decimal, numeric, dec"),
        ("string", "hyperloglog, p4hyperloglog, setdigest, qdigest, tdigest, ipaddress, sphericalgeography, bingtile"),
    ),
    "spark": ((_decimal("decimal(10,0)"), "decimal, numeric, dec"),),
    "sqlite": (
        ("bigint", "int, integer, tinyint, smallint, mediumint, int2, int8, unsigned big int"),
        ("double", "real, float"),
        (_decimal("string"), "decimal, numeric"),
        (_VARCHAR, "varying character"),
        (_CHAR, "native character"),
    ),
    "duckdb": (
        ("bigint", "int8"),
        (_decimal("decimal(18,3)"), "decimal, numeric"),
        ("string", "bit, bitstring"),
    ),
    "clickhouse": (
        (_decimal("decimal(10,0)"), "decimal, numeric, dec"),
        (_scaled(9), "decimal32"),
        (_scaled(18), "decimal64"),
        (_scaled(38), "decimal128"),
        ("string", "decimal256, fixedstring, enum8, enum16, ipv4, ipv6, ring, dynamic, nothing, intervalnanosecond"),
        ("string", "intervalmicrosecond, intervalmillisecond, intervalsecond, intervalminute, intervalhour"),
        ("string", "intervalday, intervalweek, intervalmonth, intervalquarter, intervalyear"),
        ("binary", "aggregatefunction"),
    ),
    "teradata": (
        ("binary", "byte"),
        ("double", "float, real"),
        (_decimal("decimal(5,0)"), "decimal, numeric, dec"),
        (_decimal("string"), "number"),
        ("string", "st_geometry, mbr, dataset"),
    ),
    "db2": (
        (_by_size("double", _SINGLE), "float"),
        (_decimal("decimal(5,0)"), "decimal, numeric, dec, num"),
        ("binary", "char for bit data, character for bit data, varchar for bit data, long varchar for bit data"),
        ("binary", "character varying for bit data, char varying for bit data"),
        ("string", "rowid"),
    ),
    "avro": (("binary", "fixed"),),
    "parquet": ((_bits, "int, integer"),),
}
_KIN = {
    "postgresql": ("postgres",),
    "redshift": ("redshift", "postgres"),
    "cockroachdb": ("cockroachdb", "postgres"),
    "mariadb": ("mysql",),
    "mssql": ("tsql",),
    "sqlserver": ("tsql",),
    "synapse": ("tsql",),
    "fabric-warehouse": ("tsql",),
    "athena": ("trino",),
    "awsathena": ("trino",),
    "presto": ("trino",),
    "databricks": ("spark",),
    "unitycatalog": ("spark",),
    "hive": ("spark",),
    "impala": ("spark",),
    "glue": ("spark",),
    "iceberg": ("avro",),
}
DIALECTS = frozenset({*_OWN, *_KIN})


def rule(name: str, dialect: str) -> Rule | None:
    """What makes a type of a name; what stands after a name that is known changes nothing."""
    known = _rules(dialect if dialect in DIALECTS else "")
    words = name.rpartition(".")[2].split()
    found = (known.get(" ".join(words[:count])) for count in range(min(len(words), 6), 0, -1))
    return next((each for each in found if each is not None), None)


def is_name(name: str, dialect: str) -> bool:
    return name in _rules(dialect if dialect in DIALECTS else "")


@lru_cache(maxsize=64)
def _rules(dialect: str) -> dict[str, Rule]:
    layers = [_EVERYWHERE, *(_OWN[each] for each in reversed(_KIN.get(dialect, (dialect,) if dialect else ())))]
    return {name: rule for rows in layers for rule, names in rows for name in names.split(", ")}
