{# Whether another hook of this invocation has exported: results are made anew for every invocation. #}
{% macro default__airflow_catalog_is_marked(told) -%}
    {%- for result in told if result.adapter_response is mapping and 'airflow_catalog' in result.adapter_response -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}
