{# Where dbt writes to, whatever the adapter. #}
{% macro default__airflow_catalog_target() -%}
    {{- return(adapter.dispatch('airflow_catalog_plain_target', 'airflow_catalog')()) -}}
{%- endmacro %}


{# Files as DuckDB has them open, absolute; without what stands behind a `?`, such as a token of MotherDuck. #}
{% macro duckdb__airflow_catalog_target() -%}
    {%- set told = adapter.dispatch('airflow_catalog_plain_target', 'airflow_catalog')() -%}
    {%- set attached = {} -%}
    {%- for row in run_query('select database_name, path from duckdb_databases() where not internal').rows -%}
        {%- if row[1] -%}
            {%- do attached.update({row[0]: (row[1] | string).split('?')[0]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if told.path is defined -%}
        {%- do told.update({'path': attached.get(told.database, told.path.split('?')[0])}) -%}
    {%- endif -%}
    {%- if attached -%}
        {%- do told.update({'attached': attached}) -%}
    {%- endif -%}
    {{- return(told) -}}
{%- endmacro %}
