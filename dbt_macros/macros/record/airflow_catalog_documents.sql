{#
  The run as documents, each whole by itself and as large as `limit.document` allows; more only if one node is. What
  does not fit into `limit.all` is left out, and said: first the SQL of a node, then the node, at last its result.
#}
{% macro default__airflow_catalog_documents(told, marker, limit) -%}
    {%- set wanted = told | rejectattr('node.resource_type', 'in', ['operation']) | list -%}
    {%- set among = {} -%}
    {%- for kind in ('nodes', 'sources', 'exposures', 'metrics', 'semantic_models', 'saved_queries') -%}
        {%- do among.update(graph.get(kind, {})) -%}
    {%- endfor -%}
    {%- set compiled = {} -%}
    {%- set outcomes = {} -%}
    {%- for result in wanted -%}
        {%- do compiled.update({result.node.unique_id: result.node.compiled_code}) -%}
    {%- endfor -%}
    {%- set answers = adapter.dispatch('airflow_catalog_results', 'airflow_catalog')(wanted) -%}
    {%- for kind in ('results', 'freshness') -%}
        {%- for answer in answers[kind] -%}{%- do outcomes.update({answer.unique_id: (kind, answer)}) -%}{%- endfor -%}
    {%- endfor -%}
    {%- set find_touched = adapter.dispatch('airflow_catalog_touched', 'airflow_catalog') -%}
    {%- set touched = find_touched(wanted, among, compiled).values() | list -%}
    {%- if 'include' in marker or 'exclude' in marker -%}
        {%- set is_selected = adapter.dispatch('airflow_catalog_is_selected', 'airflow_catalog') -%}
        {%- set every, touched = touched, [] -%}
        {%- for node in every if is_selected(node, marker) -%}{%- do touched.append(node) -%}{%- endfor -%}
    {%- endif -%}

    {%- set head = {'project': project_name} -%}
    {%- do head.update(marker) -%}
    {%- for key in ('transport', 'include', 'exclude') -%}{%- do head.pop(key, none) -%}{%- endfor -%}
    {%- do head.update({'invocation': adapter.dispatch('airflow_catalog_invocation', 'airflow_catalog')(told)}) -%}
    {%- set groups = {} -%}
    {%- for group in graph.get('groups', {}).values() -%}
        {%- do groups.update({group.name: {'owner': group.owner}}) -%}
    {%- endfor -%}
    {%- do head.update({'generated_at': head.invocation.started_at, 'groups': groups}) -%}
    {#- A fifth is kept for the parents, which are known when a document is full. -#}
    {%- set room = [limit.document * 4 // 5 - tojson(head) | length, 500] | max -%}

    {%- set documents = [] -%}
    {%- set now = {'room': 0, 'left': limit.all, 'cut': 0, 'out': 0, 'lost': 0} -%}
    {%- for node in adapter.dispatch('airflow_catalog_nodes', 'airflow_catalog')(touched, compiled) -%}
        {%- set kind, outcome = outcomes.get(node.unique_id, (none, none)) -%}
        {%- set size = {'node': tojson(node) | length, 'outcome': tojson(outcome) | length if outcome else 0} -%}
        {%- if size.node + size.outcome > now.left and node.compiled_code -%}
            {%- do node.pop('compiled_code') -%}
            {%- do now.update({'cut': now.cut + 1}) -%}
            {%- do size.update({'node': tojson(node) | length}) -%}
        {%- endif -%}
        {%- set with_node = size.node + size.outcome <= now.left -%}
        {%- set with_outcome = outcome is not none and size.outcome <= now.left -%}
        {%- set needed = (size.node if with_node else 0) + (size.outcome if with_outcome else 0) -%}
        {%- do now.update({'out': now.out + (0 if with_node else 1), 'left': now.left - needed}) -%}
        {%- if outcome is not none and not with_outcome -%}{%- do now.update({'lost': now.lost + 1}) -%}{%- endif -%}
        {%- if needed -%}
            {%- if not documents or needed > now.room -%}
                {%- do documents.append({'nodes': [], 'results': [], 'freshness': []}) -%}
                {%- do now.update({'room': room}) -%}
            {%- endif -%}
            {%- do now.update({'room': now.room - needed}) -%}
            {%- if with_node -%}{%- do documents[-1].nodes.append(node) -%}{%- endif -%}
            {%- if with_outcome -%}{%- do documents[-1][kind].append(outcome) -%}{%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if now.cut or now.out or now.lost -%}
        {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(
            'it is more than airflow_catalog_max_bytes (' ~ limit.all ~ '); left out: the SQL of ' ~ now.cut
            ~ ' nodes, ' ~ now.out ~ ' nodes, ' ~ now.lost ~ ' results'
        ) -%}
    {%- endif -%}

    {%- set find_parents = adapter.dispatch('airflow_catalog_parents', 'airflow_catalog') -%}
    {%- for document in documents -%}
        {%- do document.update(head) -%}
        {%- do document.update({
            'parents': find_parents(document.nodes, among), 'part': loop.index, 'parts': loop.length
        }) -%}
    {%- endfor -%}
    {{- return(documents) -}}
{%- endmacro %}
