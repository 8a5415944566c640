{# A line per row, `airflow_catalog: {…}`, in dbt's output and its log file, below 32 KB in text. #}
{% macro default__airflow_catalog_to_log(rows) -%}
    {%- for row in rows -%}
        {%- do log('airflow_catalog: ' ~ tojson(row), info=true) -%}
    {%- endfor -%}
{%- endmacro %}
