{% macro inside(document, path) -%}
    {{ adapter.dispatch('inside')(document, path) }}
{%- endmacro %}

{% macro duckdb__inside(document, path) -%}
    {{ document }} ->> '$.{{ path | join(".") }}'
{%- endmacro %}

{% macro postgres__inside(document, path) -%}
    {{ document }} #>> '{ {{- path | join(",") -}} }'
{%- endmacro %}
