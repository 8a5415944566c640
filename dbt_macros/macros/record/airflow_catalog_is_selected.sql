{#
  Whether a node is wanted: by `airflow_catalog_include` (all, if it is empty) and not by `airflow_catalog_exclude`. A
  pattern is `tag:` and a tag, or the name of a package or a `unique_id`, in which * stands for anything.
#}
{% macro default__airflow_catalog_is_selected(node, marker) -%}
    {%- set answers = [] -%}
    {%- for patterns in (marker.get('include', []), marker.get('exclude', [])) -%}
        {%- set found = [] -%}
        {%- for pattern in patterns -%}
            {%- if pattern.startswith('tag:') -%}
                {%- do found.append(pattern[4:] in (node.tags or [])) -%}
            {%- else -%}
                {%- set expression = modules.re.escape(pattern).replace('\\*', '.*') ~ '$' -%}
                {%- do found.append(modules.re.match(expression, node.unique_id) is not none) -%}
                {%- do found.append(modules.re.match(expression, node.package_name or '') is not none) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do answers.append(true in found) -%}
    {%- endfor -%}
    {{- return((answers[0] or not marker.get('include')) and not answers[1]) -}}
{%- endmacro %}
