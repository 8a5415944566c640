{#
  Where dbt writes its artifacts, absolute where that is known, fit for a shell. dbt tells the option `--target-path`
  and no more; what `target-path` of the project says is seen by the paths of compiled files.
#}
{% macro default__airflow_catalog_target_path(told) -%}
    {%- set arguments = invocation_args_dict if invocation_args_dict is mapping else {} -%}
    {%- set found = namespace(path=arguments.get('target_path')) -%}
    {%- for result in told if not found.path and result.node.compiled_path -%}
        {%- set found.path = (result.node.compiled_path | string).split('/compiled/')[0] -%}
    {%- endfor -%}
    {%- set path = (found.path or 'target') | string -%}
    {%- if arguments.get('project_dir') and not path.startswith('/') -%}
        {%- set path = (arguments.project_dir | string).rstrip('/') ~ '/' ~ path -%}
    {%- endif -%}
    {%- if modules.re.search('[^\\w@%+=:,./-]', path) -%}
        {%- set path = "'" ~ path.replace("'", "'\\''") ~ "'" -%}
    {%- endif -%}
    {{- return(path) -}}
{%- endmacro %}
