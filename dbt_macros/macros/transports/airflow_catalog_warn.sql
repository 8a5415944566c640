{# A line of the log. Not `exceptions.warn`, which `--warn-error` makes an error: a failing export fails nothing. #}
{% macro default__airflow_catalog_warn(text) -%}
    {%- do log('WARNING: the catalog was not told all of this run: ' ~ text, info=true) -%}
{%- endmacro %}
