{# The target as `Target` of the catalog has it: not who logs in, and no word of how. #}
{% macro default__airflow_catalog_plain_target() -%}
    {%- set told = {} -%}
    {%- for key in ('type', 'name', 'host', 'port', 'database', 'schema', 'path', 'account', 'region', 'method') -%}
        {%- set value = target.get(key) -%}
        {%- if value is string or value is number -%}
            {%- do told.update({key: value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'region' not in told and target.get('region_name') is string -%}
        {%- do told.update({'region': target.get('region_name')}) -%}
    {%- endif -%}
    {{- return(told) -}}
{%- endmacro %}
