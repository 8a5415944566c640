{# Who runs dbt, by what OpenLineage and Airflow have put into its environment: `parent`, `job_namespace`, `airflow`. #}
{% macro default__airflow_catalog_caller() -%}
    {%- set told = {} -%}
    {%- if env_var('OPENLINEAGE_NAMESPACE', '') -%}
        {%- do told.update({'job_namespace': env_var('OPENLINEAGE_NAMESPACE', '')}) -%}
    {%- endif -%}
    {#- namespace/job/run id: a namespace may have a slash of its own -#}
    {%- set parent = env_var('OPENLINEAGE_PARENT_ID', '').split('/') -%}
    {%- if parent | length > 2 -%}
        {%- do told.update({'parent': {
            'namespace': parent[:-2] | join('/'), 'name': parent[-2], 'run_id': parent[-1],
        }}) -%}
    {%- endif -%}
    {%- set airflow = {} -%}
    {%- for key, name in (
        ('dag_id', 'DAG_ID'), ('task_id', 'TASK_ID'), ('run_id', 'DAG_RUN_ID'), ('date', 'LOGICAL_DATE'),
    ) if env_var('AIRFLOW_CTX_' ~ name, '') -%}
        {%- do airflow.update({key: env_var('AIRFLOW_CTX_' ~ name, '')}) -%}
    {%- endfor -%}
    {%- if env_var('AIRFLOW_CTX_TRY_NUMBER', '').isdigit() -%}
        {%- do airflow.update({'try_number': env_var('AIRFLOW_CTX_TRY_NUMBER', '') | int}) -%}
    {%- endif -%}
    {%- if 'dag_id' in airflow -%}
        {%- do told.update({'airflow': airflow}) -%}
    {%- endif -%}
    {{- return(told) -}}
{%- endmacro %}
