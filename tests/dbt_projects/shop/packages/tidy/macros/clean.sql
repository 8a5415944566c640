{% macro clean(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{% macro money(cents, digits=2) -%}
    {{ return(adapter.dispatch('money', 'tidy')(cents, digits)) }}
{%- endmacro %}

{% macro default__money(cents, digits) -%}
    cast({{ cents }} / 100.0 as numeric(16, {{ digits }}))
{%- endmacro %}

{% test positive(model, column_name, or_zero=false) %}
select {{ column_name }} from {{ model }} where {{ column_name }} {{ '<' if or_zero else '<=' }} 0
{% endtest %}
