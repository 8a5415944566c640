{#
  The nodes to tell of, by `unique_id`: those that have results; the sources that they read; and what is made of them
  and never runs: semantic models, metrics (which may be made of metrics), saved queries, exposures. The SQL of a unit
  test is taken out of `compiled`: it is that of its model.
#}
{% macro default__airflow_catalog_touched(told, among, compiled) -%}
    {%- set touched = {} -%}
    {%- for result in told -%}
        {%- set unique_id = result.node.unique_id -%}
        {%- if unique_id in among -%}
            {%- do touched.update({unique_id: among[unique_id]}) -%}
        {%- elif result.node.resource_type == 'unit_test' -%}
            {#- `graph` does not have them, and what has run depends on its made-up rows -#}
            {%- set tested = result.node.tested_node_unique_id -%}
            {%- do touched.update({unique_id: {
                'unique_id': unique_id, 'resource_type': 'unit_test', 'name': result.node.name,
                'package_name': result.node.package_name, 'schema': result.node.schema,
                'original_file_path': result.node.original_file_path, 'model': among.get(tested, {}).get('name'),
                'description': result.node.description, 'depends_on': {'nodes': [tested] if tested else []},
            }}) -%}
            {%- do compiled.pop(unique_id, none) -%}
        {%- elif result.node.to_dict is defined -%}
            {%- do touched.update({unique_id: result.node.to_dict(omit_none=false)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set sources = {} -%}
    {%- for node in touched.values() -%}
        {%- for parent in node.get('depends_on', {}).get('nodes', []) if parent.startswith('source.') -%}
            {%- if parent in among -%}{%- do sources.update({parent: among[parent]}) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do touched.update(sources) -%}
    {%- for kind in ('semantic_models', 'metrics', 'metrics', 'saved_queries', 'exposures') -%}
        {%- for unique_id, node in graph.get(kind, {}).items() if unique_id not in touched -%}
            {%- if node.get('depends_on', {}).get('nodes', []) | select('in', touched) | first is defined -%}
                {%- do touched.update({unique_id: node}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(touched) -}}
{%- endmacro %}
