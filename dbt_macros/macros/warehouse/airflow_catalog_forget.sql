{# Drops old rows of a table that is ours; says what else it is if not. Harvested rows are dropped by who harvests. #}
{% macro default__airflow_catalog_forget(relation, found) -%}
    {%- set wanted = ['format', 'invocation_id', 'part', 'parts', 'piece', 'pieces', 'created_at', 'payload'] -%}
    {%- set columns = adapter.get_columns_in_relation(found) | map(attribute='name') | map('lower') | list -%}
    {%- set missing = wanted | reject('in', columns) | list -%}
    {%- if missing or found.is_view -%}
        {{- return('it is not the table of this package, which has also ' ~ missing | join(', ')) -}}
    {%- endif -%}
    {%- set days = var('airflow_catalog_keep_days', 14) | int(14) -%}
    {%- if days > 0 -%}
        {%- set now = modules.datetime.datetime.now(modules.pytz.utc) -%}
        {%- set oldest = now - modules.datetime.timedelta(days=[days, 36500] | min) -%}
        {#- Who may insert and not delete has told all the same. -#}
        {%- do adapter.dispatch('airflow_catalog_execute', 'airflow_catalog')([
            'delete from ' ~ relation ~ " where created_at < '" ~ oldest.strftime('%Y-%m-%dT%H:%M:%SZ') ~ "'"
        ]) -%}
    {%- endif -%}
    {{- return('') -}}
{%- endmacro %}
