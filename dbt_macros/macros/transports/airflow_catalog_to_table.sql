{# A statement per row. The first that fails is told of; the others are tried. #}
{% macro default__airflow_catalog_to_table(rows) -%}
    {%- set relation = adapter.dispatch('airflow_catalog_relation', 'airflow_catalog')() -%}
    {%- set execute_sql = adapter.dispatch('airflow_catalog_execute', 'airflow_catalog') -%}
    {%- set told = namespace(problem='') -%}
    {%- for row in rows -%}
        {%- set sql -%}
            insert into {{ relation }} (format, invocation_id, part, parts, piece, pieces, created_at, payload)
            values ({{ row.format }}, '{{ row.invocation_id }}', {{ row.part }}, {{ row.parts }}, {{ row.piece }},
            {{ row.pieces }}, '{{ row.created_at }}', '{{ row.payload }}')
        {%- endset -%}
        {%- set problem = execute_sql([sql]) -%}
        {%- if problem and not told.problem -%}
            {%- set told.problem = problem -%}
            {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(
                'a row was not written into ' ~ relation ~ ': ' ~ problem
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
