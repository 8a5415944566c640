{#
  What the manifest says of each node, less what nobody asks for: the same as `node()` of
  `airflow_provider_catalog/model/dbt.py`, and tested against it. All in one macro and by plain loops: a call
  costs more than a node, and `selectattr` more than the loop that it is.

  `compiled` has the SQL by `unique_id`: what `graph` has is from before the run.
#}
{% macro default__airflow_catalog_nodes(stated, compiled) -%}
    {%- set empty = [none, '', [], {}] -%}
    {%- set kept_keys = [
        'unique_id', 'resource_type', 'name', 'package_name', 'database', 'schema', 'alias', 'identifier',
        'relation_name', 'description', 'tags', 'meta', 'language', 'group', 'access', 'version', 'latest_version',
        'deprecation_date', 'constraints', 'original_file_path', 'column_name', 'attached_node',
        'source_name', 'source_description', 'loader', 'loaded_at_field', 'freshness', 'url', 'maturity', 'type',
        'label', 'owner', 'model', 'expression', 'type_params', 'entities', 'dimensions', 'measures', 'primary_key',
    ] -%}
    {%- set config_keys = [
        'materialized', 'unique_key', 'incremental_strategy', 'on_schema_change', 'strategy', 'updated_at',
        'check_cols', 'severity', 'contract', 'group', 'meta', 'tags', 'location', 'event_time', 'persist_docs',
        'partition_by', 'access', 'error_if', 'warn_if', 'store_failures', 'external_location', 'freshness', 'format',
        'snapshot_meta_column_names', 'hard_deletes',
    ] -%}
    {%- set brought = [
        'dbt', 'dbt_postgres', 'dbt_redshift', 'dbt_snowflake', 'dbt_bigquery', 'dbt_spark', 'dbt_databricks',
        'dbt_duckdb', 'dbt_sqlite', 'dbt_athena', 'dbt_glue', 'dbt_trino', 'dbt_mysql', 'dbt_clickhouse',
        'dbt_sqlserver', 'dbt_fabric', 'dbt_synapse', 'dbt_oracle', 'dbt_teradata', 'dbt_vertica', 'dbt_dremio',
    ] -%}
    {%- set column_keys = ['name', 'description', 'data_type', 'meta', 'tags', 'constraints', 'config'] -%}
    {%- set plain = adapter.dispatch('airflow_catalog_plain', 'airflow_catalog') -%}
    {%- set unplain = adapter.dispatch('airflow_catalog_unplain', 'airflow_catalog')() -%}
    {%- set nodes = [] -%}
    {%- for node in stated -%}
        {%- set kept = {} -%}
        {%- for key in kept_keys if key in node and node[key] not in empty -%}
            {%- do kept.update({key: node[key]}) -%}
        {%- endfor -%}
        {%- set stated_config = node.get('config') or {} -%}
        {%- set config = {} -%}
        {%- for key in config_keys if key in stated_config and stated_config[key] not in empty -%}
            {%- do config.update({key: stated_config[key]}) -%}
        {%- endfor -%}
        {%- if config -%}{%- do kept.update({'config': config}) -%}{%- endif -%}
        {%- if compiled.get(node.unique_id) -%}
            {%- do kept.update({'compiled_code': compiled[node.unique_id]}) -%}
        {%- endif -%}
        {%- if node.columns -%}
            {%- set columns = {} -%}
            {%- for name, column in node.columns.items() if column -%}
                {%- set kept_column = {} -%}
                {%- for key in column_keys if key in column and column[key] not in empty -%}
                    {%- do kept_column.update({key: column[key]}) -%}
                {%- endfor -%}
                {%- do columns.update({name: kept_column}) -%}
            {%- endfor -%}
            {%- do kept.update({'columns': columns}) -%}
        {%- endif -%}
        {%- set macros = [] -%}
        {%- set depends_on = node.get('depends_on') or {} -%}
        {%- for macro in depends_on.get('macros', []) if macro.split('.')[1] not in brought -%}
            {%- do macros.append(macro) -%}
        {%- endfor -%}
        {%- do kept.update({'depends_on': {'nodes': depends_on.get('nodes', []), 'macros': macros}}) -%}
        {%- if node.checksum is mapping and node.checksum.checksum -%}
            {%- do kept.update({'checksum': node.checksum.checksum}) -%}
        {%- endif -%}
        {%- if node.test_metadata -%}
            {%- do kept.update({'test_metadata': dict(
                node.test_metadata.items() | rejectattr(1, 'in', empty)
                | selectattr(0, 'in', ['name', 'namespace', 'kwargs'])
            )}) -%}
        {%- endif -%}
        {%- set foreign = unplain.foreign.search(unplain.texts.sub('0', kept | string)) -%}
        {%- do nodes.append(plain(kept) if foreign else kept) -%}
    {%- endfor -%}
    {{- return(nodes) -}}
{%- endmacro %}
