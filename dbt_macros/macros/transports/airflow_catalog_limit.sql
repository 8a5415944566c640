{#
  Sizes in bytes: of a document if it can be had so small (`document`), of a row or line (`piece`), of all (`all`).

  A statement holds one row. Measured or told by the vendors: BigQuery takes a query of 1 MB, Snowflake a statement of
  1 MB, Trino one of 1,000,000 characters, Athena one of 262,144 bytes, Redshift a VARCHAR of 65,535 bytes; PostgreSQL
  and DuckDB take a gigabyte. An adapter that is not named gets what MySQL's TEXT still holds.
#}
{% macro default__airflow_catalog_limit(transport) -%}
    {%- set known = {
        'athena': 240000, 'bigquery': 900000, 'databricks': 900000, 'duckdb': 1000000, 'postgres': 1000000,
        'redshift': 65000, 'snowflake': 900000, 'spark': 900000, 'trino': 900000,
    } -%}
    {%- set most = 15000 if transport == 'log' else known.get(target.type, 60000) -%}
    {%- set wanted = var('airflow_catalog_chunk_bytes', most) | int(most) -%}
    {%- set piece = [[wanted, most] | min, 1000] | max -%}
    {%- set all = var('airflow_catalog_max_bytes', 50000000) | int(50000000) -%}
    {{- return({'document': piece, 'piece': piece, 'all': all}) -}}
{%- endmacro %}
