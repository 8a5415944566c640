{# Inside Airflow the task brings the artifacts in by itself; outside somebody has to, and this is the command. #}
{% macro default__airflow_catalog_finish(told, marker, left) -%}
    {%- if flags is defined and flags.WRITE_JSON is false -%}
        {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(
            'dbt writes no artifacts with --no-write-json, and the transport `artifacts` needs them'
        ) -%}
    {%- elif 'airflow' not in marker -%}
        {%- set path = adapter.dispatch('airflow_catalog_target_path', 'airflow_catalog')(told) -%}
        {%- do log('To bring this run into the catalog: airflow-catalog dbt ingest ' ~ path, info=true) -%}
    {%- endif -%}
{%- endmacro %}
