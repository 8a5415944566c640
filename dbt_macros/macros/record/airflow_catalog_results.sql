{#
  What became of each node: as run_results.json has it, less the marker (`results`), or for the freshness of sources as
  sources.json has it (`freshness`). As `result()` of `airflow_provider_catalog/model/dbt.py` keeps it.
#}
{% macro default__airflow_catalog_results(told) -%}
    {%- set empty = [none, '', [], {}] -%}
    {%- set plain = adapter.dispatch('airflow_catalog_plain', 'airflow_catalog') -%}
    {%- set unplain = adapter.dispatch('airflow_catalog_unplain', 'airflow_catalog')() -%}
    {%- set answers = {'results': [], 'freshness': []} -%}
    {%- for result in told -%}
        {%- set timing = [] -%}
        {%- for each in (result.timing or []) if each.to_dict is defined -%}
            {%- do timing.append(each.to_dict()) -%}
        {%- endfor -%}
        {%- set stated = {
            'unique_id': result.node.unique_id, 'status': result.status ~ '', 'execution_time': result.execution_time,
            'thread_id': result.thread_id, 'timing': timing,
        } -%}
        {%- if result.adapter_response is mapping -%}
            {%- do stated.update({
                'adapter_response': dict(result.adapter_response.items() | rejectattr(0, 'equalto', 'airflow_catalog'))
            }) -%}
        {%- endif -%}
        {%- if result.node.resource_type == 'source' and result.max_loaded_at is defined -%}
            {%- do stated.update({
                'max_loaded_at': result.max_loaded_at.isoformat(), 'snapshotted_at': result.snapshotted_at.isoformat(),
                'max_loaded_at_time_ago_in_s': result.age, 'criteria': result.node.freshness.to_dict(),
            }) -%}
        {%- elif result.node.resource_type == 'source' -%}
            {%- do stated.update({'error': result.message}) -%}
        {%- else -%}
            {%- do stated.update({'message': result.message, 'failures': result.failures}) -%}
            {%- if result.batch_results -%}
                {%- do stated.update({'batch_results': result.batch_results.to_dict()}) -%}
            {%- endif -%}
        {%- endif -%}
        {%- set kept = dict(stated.items() | rejectattr(1, 'in', empty)) -%}
        {%- set foreign = unplain.foreign.search(unplain.texts.sub('0', kept | string)) -%}
        {%- do answers['freshness' if result.node.resource_type == 'source' else 'results'].append(
            plain(kept) if foreign else kept
        ) -%}
    {%- endfor -%}
    {{- return(answers) -}}
{%- endmacro %}
