{#
  The one line: `on-run-end: "{{ airflow_catalog.export_lineage_to_catalog() }}"`. It gives '', so dbt executes nothing
  for it. Only hooks of a command that ran something have `results`: where there are none, nothing is done.

  Macros of this package call each other by `adapter.dispatch` alone. In a project that has this folder in its
  `macro-paths` there is no namespace `airflow_catalog`, and dispatch finds them in both.
#}
{% macro export_lineage_to_catalog() -%}
    {%- if execute -%}
        {%- do adapter.dispatch('export_lineage_to_catalog', 'airflow_catalog')() -%}
    {%- endif -%}
    {{- return('') -}}
{%- endmacro %}


{% macro default__export_lineage_to_catalog() -%}
    {%- set enabled = var('airflow_catalog_enabled', true) | string | lower not in ('false', '0', 'no', 'off', '') -%}
    {%- set told = (results if results is defined else []) | selectattr('node', 'defined') | list -%}
    {%- if enabled and told and not adapter.dispatch('airflow_catalog_is_marked', 'airflow_catalog')(told) -%}
        {%- set transport = adapter.dispatch('airflow_catalog_transport', 'airflow_catalog')() -%}
        {%- set marker = adapter.dispatch('airflow_catalog_marker', 'airflow_catalog')(transport) -%}
        {%- set left = adapter.dispatch('airflow_catalog_mark', 'airflow_catalog')(told, marker) -%}
        {%- if transport == 'artifacts' -%}
            {%- do adapter.dispatch('airflow_catalog_finish', 'airflow_catalog')(told, marker, left) -%}
        {%- else -%}
            {%- do adapter.dispatch('airflow_catalog_send', 'airflow_catalog')(told, marker, transport) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
