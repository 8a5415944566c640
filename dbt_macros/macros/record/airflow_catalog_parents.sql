{#
  What the nodes of a document depend on and it does not hold: what it is called and its columns. Through what is
  no relation to what that is made of. As `parents_of` and `placed` of `airflow_provider_catalog/model/dbt.py`.
#}
{% macro default__airflow_catalog_parents(nodes, among) -%}
    {%- set empty = [none, '', [], {}] -%}
    {%- set keys = [
        'unique_id', 'resource_type', 'name', 'database', 'schema', 'alias', 'identifier', 'relation_name'
    ] -%}
    {%- set seen = {} -%}
    {%- set waiting = [] -%}
    {%- for node in nodes -%}
        {%- do seen.update({node.unique_id: true}) -%}
        {%- do waiting.extend(node.depends_on.nodes) -%}
    {%- endfor -%}
    {%- set parents = [] -%}
    {#- A list that grows while it is walked: Jinja has no `while`. -#}
    {%- for unique_id in waiting if unique_id not in seen and unique_id in among -%}
        {%- do seen.update({unique_id: true}) -%}
        {%- set node = among[unique_id] -%}
        {%- set kept = {} -%}
        {%- for key in keys if key in node and node[key] not in empty -%}
            {%- do kept.update({key: node[key]}) -%}
        {%- endfor -%}
        {%- set config = {} -%}
        {%- for key in ('materialized', 'location') if node.get('config') and node.config.get(key) not in empty -%}
            {%- do config.update({key: node.config[key]}) -%}
        {%- endfor -%}
        {%- do kept.update({'config': config}) -%}
        {%- if node.columns -%}{%- do kept.update({'columns': node.columns.keys() | list}) -%}{%- endif -%}
        {%- set gathering = node.resource_type in ('metric', 'semantic_model', 'saved_query') -%}
        {%- if gathering or config.get('materialized') == 'ephemeral' -%}
            {%- do kept.update({'depends_on': {'nodes': node.depends_on.nodes}}) -%}
            {%- do waiting.extend(node.depends_on.nodes) -%}
        {%- endif -%}
        {%- do parents.append(kept) -%}
    {%- endfor -%}
    {{- return(parents) -}}
{%- endmacro %}
