{#
  What only dbt's process knows: where it writes to, and who runs it. It is the head of every document, and what is left
  in the results for whoever reads the artifacts.
#}
{% macro default__airflow_catalog_marker(transport) -%}
    {%- set marker = {
        'format': 1,
        'transport': transport,
        'target': adapter.dispatch('airflow_catalog_target', 'airflow_catalog')(),
    } -%}
    {%- do marker.update(adapter.dispatch('airflow_catalog_caller', 'airflow_catalog')()) -%}
    {%- for key in ('include', 'exclude') if var('airflow_catalog_' ~ key, none) -%}
        {%- set stated = var('airflow_catalog_' ~ key) -%}
        {%- do marker.update({key: [stated] if stated is string else (stated | map('string') | list)}) -%}
    {%- endfor -%}
    {{- return(marker) -}}
{%- endmacro %}
