{#
  Every document goes through here on its way out. `payload` is a mapping, as `airflow_provider_catalog/model/dbt.py`
  has it, with its number `part` of `parts`. To send it elsewhere, write a macro of this name in your own project, or
  dispatch it and choose the transport `api`.
#}
{% macro send_to_catalog_api(payload) -%}
    {{- return(adapter.dispatch('send_to_catalog_api', 'airflow_catalog')(payload)) -}}
{%- endmacro %}


{% macro default__send_to_catalog_api(payload) -%}
    {%- set transport = adapter.dispatch('airflow_catalog_transport', 'airflow_catalog')() -%}
    {%- if transport == 'api' -%}
        {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(
            "the transport `api` needs a macro send_to_catalog_api(payload) of your own; nothing was sent"
        ) -%}
    {%- else -%}
        {%- set limit = adapter.dispatch('airflow_catalog_limit', 'airflow_catalog')(transport).piece -%}
        {%- set rows = adapter.dispatch('airflow_catalog_rows', 'airflow_catalog')(payload, limit) -%}
        {%- if transport == 'table' -%}
            {%- do adapter.dispatch('airflow_catalog_to_table', 'airflow_catalog')(rows) -%}
        {%- else -%}
            {%- do adapter.dispatch('airflow_catalog_to_log', 'airflow_catalog')(rows) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return('') -}}
{%- endmacro %}
