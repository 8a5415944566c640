{#
  The macro `send_to_catalog_api` of the project itself, or none. Where this folder is in `macro-paths` the project's
  macro of this name is ours.
#}
{% macro default__airflow_catalog_sender() -%}
    {%- set installed = context is defined and context.get('airflow_catalog') is mapping -%}
    {%- if installed and project_name != 'airflow_catalog' and context.get(project_name) is mapping -%}
        {{- return(context.get(project_name).get('send_to_catalog_api')) -}}
    {%- endif -%}
    {{- return(none) -}}
{%- endmacro %}
