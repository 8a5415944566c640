{# The table, and its schema if there is none. Gives what went wrong, or ''. #}
{% macro default__airflow_catalog_create(relation) -%}
    {%- set short, long = adapter.dispatch('airflow_catalog_text_types', 'airflow_catalog')() -%}
    {%- set statements = [] -%}
    {%- if not adapter.check_schema_exists(relation.database, relation.schema) -%}
        {%- set schema = adapter.dispatch('airflow_catalog_schema', 'airflow_catalog')(relation) -%}
        {%- do statements.append('create schema if not exists ' ~ schema) -%}
    {%- endif -%}
    {%- set table -%}
        create table if not exists {{ relation }} (
            format {{ dbt.type_int() }}, invocation_id {{ short }}, part {{ dbt.type_int() }},
            parts {{ dbt.type_int() }}, piece {{ dbt.type_int() }}, pieces {{ dbt.type_int() }},
            created_at {{ short }}, payload {{ long }}
        )
    {%- endset -%}
    {%- do statements.append(table) -%}
    {{- return(adapter.dispatch('airflow_catalog_execute', 'airflow_catalog')(statements)) -}}
{%- endmacro %}
