{# This command of dbt, and whether it succeeded, which documents with a part of its results cannot tell. #}
{% macro default__airflow_catalog_invocation(told) -%}
    {%- set arguments = invocation_args_dict if invocation_args_dict is mapping else {} -%}
    {%- set written = '%Y-%m-%dT%H:%M:%S.%fZ' -%}
    {%- set failed = ['error', 'fail', 'runtime error', 'partial success'] -%}
    {%- set statuses = [] -%}
    {%- for result in told -%}{%- do statuses.append(result.status | string | lower) -%}{%- endfor -%}
    {{- return({
        'id': invocation_id,
        'started_at': run_started_at.astimezone(modules.pytz.utc).strftime(written),
        'ended_at': modules.datetime.datetime.now(modules.pytz.utc).strftime(written),
        'command': arguments.get('which') or '',
        'full_refresh': arguments.get('full_refresh') is true,
        'succeeded': statuses | select('in', failed) | first is not defined,
        'dbt_version': dbt_version,
    }) -}}
{%- endmacro %}
