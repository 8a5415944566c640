{# A value as JSON can hold it, however deep: what is neither text, number, list nor mapping becomes text. #}
{% macro default__airflow_catalog_plain(value) -%}
    {%- set plain = adapter.dispatch('airflow_catalog_plain', 'airflow_catalog') -%}
    {%- if value is mapping -%}
        {%- set told = {} -%}
        {%- for key, each in value.items() -%}
            {%- do told.update({key | string: plain(each)}) -%}
        {%- endfor -%}
        {{- return(told) -}}
    {%- elif value is none or value is boolean or value is integer or value is float or value is string -%}
        {{- return(value) -}}
    {%- elif value.isoformat is defined -%}
        {{- return(value.isoformat()) -}}
    {%- elif value is iterable -%}
        {%- set told = [] -%}
        {%- for each in value -%}
            {%- do told.append(plain(each)) -%}
        {%- endfor -%}
        {{- return(told) -}}
    {%- endif -%}
    {{- return(value | string) -}}
{%- endmacro %}
