{#
  Leaves the marker where dbt will write it into run_results.json (or sources.json). False where there is no place for
  it, as in an engine whose results cannot be changed.
#}
{% macro default__airflow_catalog_mark(told, marker) -%}
    {%- for result in told if result.adapter_response is mapping and result.adapter_response.update is defined -%}
        {%- do result.adapter_response.update({'airflow_catalog': marker}) -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}
