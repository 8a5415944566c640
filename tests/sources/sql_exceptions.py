"""Texts for which a property of SQL does not hold, and why. The tests see to it that one that holds again goes."""

from __future__ import annotations

from collections.abc import Mapping

_HASH = "a hash begins a comment of MySQL, which what is not parsed does not know"
_SPLIT = "words that belong together are looked for with white space between them, and with nothing else"
_FOLDED = "the names that PIVOT and PARTITION make are not folded"
_OPEN = "its string never ends: whatever comes after it is in it, and whatever is before it is searched, not parsed"
_TEMPLATE = "where a template stands for nothing is told by the word right after it"
_UNWRITTEN = "sqlglot writes something else"
_UPDATABLE = "T-SQL changes the table in a WITH; through one more query it is not found"
_COLLECTION = "what is read is no table but a column of one"
_JOIN = "a join in brackets is no query"
_PIVOT = "DuckDB's short form of PIVOT is a statement; within another one it is not known"

_CONFIGURED = (
    "{{ config(materialized='table') }} SELECT id, {{ amount_sql('total') }} AS amount FROM {{ ref('stg_orders') }} "
    "{% if is_incremental() %} WHERE at > (SELECT max(at) FROM {{ this }}) {% endif %}"
)
_UNTERMINATED = "SELECT 'unterminated FROM a"
_LUA = "CREATE LUA SCRIPT s.p () AS query([[INSERT INTO t SELECT * FROM s]])"
_DOUBLED = (
    "WITH doubled AS (SELECT Id, ROW_NUMBER() OVER (PARTITION BY Email ORDER BY At) AS n FROM dbo.People) "
    "DELETE FROM doubled WHERE n > 1"
)
_COLLECTED = "SELECT c.id, o.item.total, o.pos FROM customers c, c.orders o"
_PIVOTED = "PIVOT cities ON year USING sum(population) GROUP BY country"

EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "comments": {
        "set search_path to mart, public; select * from t": _SPLIT,
        "SET search_path TO shop; INSERT INTO t (a) SELECT x FROM s; "
        "SET search_path = other, public; INSERT INTO t (a) SELECT x FROM s": _SPLIT,
        "ALTER SESSION SET CURRENT_SCHEMA = HR; SELECT * FROM emp": _SPLIT,
        "REPLACE INTO a SELECT * FROM b": _SPLIT,
        "REPLACE INTO t (a) SELECT x FROM s": _SPLIT,
        "UPSERT INTO TABLE kudu_t (id, v) SELECT id, v FROM s": _SPLIT,
        "SELECT * FROM a LEFT JOIN (b JOIN (c) USING (id)) ON TRUE FROM (SELECT x FROM d) AS q WITH UR": _HASH,
        "CREATE TRIGGER tr AFTER INSERT ON a FOR EACH ROW INSERT INTO b SELECT * FROM c": _HASH,
        "LOAD DATA LOCAL INFILE '/tmp/x.csv' INTO TABLE t FIELDS TERMINATED BY ',' (a, b)": _HASH,
        "SELECT * FROM sales PIVOT (SUM(amount) FOR month IN ('JAN', 'FEB'))": "the names PIVOT makes hold comments",
        _CONFIGURED: _TEMPLATE,
    },
    "case": {
        "ALTER SESSION SET CURRENT_SCHEMA = HR; SELECT * FROM emp": "the name of the schema that is set is not folded",
        "INSERT OVERWRITE lake.t PARTITION (day) SELECT a, b, day FROM lake.s": _FOLDED,
        "INSERT INTO TABLE t PARTITION (year, month) SELECT a, b, y, m FROM s": _FOLDED,
        "INSERT OVERWRITE TABLE t PARTITION (day = '1', hour) SELECT a, b, h FROM s": _FOLDED,
        "SELECT * FROM (SELECT deptno, job, sal FROM emp) "
        "PIVOT (SUM(sal) FOR job IN ('CLERK' AS clerk, 'BOSS' AS boss))": _FOLDED,
        "SELECT * FROM (SELECT name, year, total FROM sales) "
        "PIVOT (sum(total) AS t, avg(total) AS a FOR year IN (2024 AS y24, 2025 AS y25))": _FOLDED,
        "SELECT * FROM shop.sales PIVOT (SUM(amount) AS total FOR q IN ('Q1' AS first, 'Q2' AS second)) AS p": _FOLDED,
    },
    "format": {
        "COPY orders FROM PROGRAM 'gzip -dc /data/o.gz'": _UNWRITTEN,
        "SELECT a INTO @v FROM t": _UNWRITTEN,
        "SELECT o.id, t.tag FROM orders AS o CROSS JOIN UNNEST(o.tags) AS t (tag)": "Spark knows EXPLODE alone",
    },
    "aliases": {
        "SELECT o.COLUMNS(*), c.name FROM orders o JOIN customers c USING (id)": "in its tree `o` is a function's",
    },
    "subqueries": {_DOUBLED: _UPDATABLE, _COLLECTED: _COLLECTION},
    "withs": {
        _DOUBLED: _UPDATABLE,
        _COLLECTED: _COLLECTION,
        "SELECT * FROM (o JOIN c USING (cust)) AS jj": _JOIN,
        "SELECT jj.cust FROM (o JOIN c USING (cust)) AS jj": _JOIN,
        "REPLACE VIEW shop.v AS LOCKING ROW FOR ACCESS SELECT id FROM shop.s": "sqlglot knows no WITH after LOCKING",
    },
    "twice": {_UNTERMINATED: _OPEN},
    "unrelated": {_UNTERMINATED: _OPEN, _LUA: "sqlglot cannot cut its quotes: nothing of the script is parsed"},
    "CREATE": {_PIVOTED: _PIVOT, _CONFIGURED: _TEMPLATE},
    "INSERT": {
        _PIVOTED: _PIVOT,
        "VALUES (1, 'a'), (2, 'b') UNION ALL SELECT id, name FROM t": "names are better guesses than `column1`",
    },
}
