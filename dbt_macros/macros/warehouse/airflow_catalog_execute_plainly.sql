{# One by one, each committed. An error is the hook's. #}
{% macro default__airflow_catalog_execute_plainly(statements) -%}
    {%- for sql in statements -%}
        {%- call statement('airflow_catalog', fetch_result=false, auto_begin=true) -%}{{ sql }}{%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endfor -%}
    {{- return('') -}}
{%- endmacro %}
