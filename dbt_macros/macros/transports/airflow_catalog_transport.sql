{# How this project wants to be told of: `artifacts`, `table`, `log`, or `api`, which is a macro of its own. #}
{% macro default__airflow_catalog_transport() -%}
    {%- set wanted = var('airflow_catalog_transport', 'artifacts') | string | lower -%}
    {%- if wanted == 'artifacts' and adapter.dispatch('airflow_catalog_sender', 'airflow_catalog')() is not none -%}
        {{- return('api') -}}
    {%- elif wanted in ('artifacts', 'table', 'log', 'api') -%}
        {{- return(wanted) -}}
    {%- endif -%}
    {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(
        "airflow_catalog_transport is '" ~ wanted ~ "', which is none of artifacts, table, log, api; artifacts it is"
    ) -%}
    {{- return('artifacts') -}}
{%- endmacro %}
