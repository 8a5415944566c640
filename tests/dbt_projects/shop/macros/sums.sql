{# One column for each value: what was summed where `column` has it. #}
{% macro sums_by(column, values, amount, prefix='') -%}
    {%- for value in values %}
    sum(case when {{ column }} = '{{ value }}' then {{ amount }} else 0 end) as {{ prefix }}{{ value }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
