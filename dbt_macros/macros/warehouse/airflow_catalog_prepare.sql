{#
  Makes the table if there is none, and drops what nobody has fetched for `airflow_catalog_keep_days`. Says whether rows
  may be written. What can be known of beforehand is asked, since Jinja catches no error.
#}
{% macro default__airflow_catalog_prepare() -%}
    {%- set relation = adapter.dispatch('airflow_catalog_relation', 'airflow_catalog')() -%}
    {%- set named = [relation.database or '', relation.schema or ''] | join('.') -%}
    {%- if modules.re.search('["`\'\\\\;]|\\]|[$][$]|[$]airflow_catalog', named) -%}
        {%- set problem = 'no schema can be named ' ~ named -%}
    {%- else -%}
        {%- set problem = adapter.dispatch('airflow_catalog_obstacle', 'airflow_catalog')(relation) -%}
    {%- endif -%}
    {%- if not problem -%}
        {%- set found = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {%- if found is none -%}
            {%- set problem = adapter.dispatch('airflow_catalog_create', 'airflow_catalog')(relation) -%}
        {%- else -%}
            {%- set problem = adapter.dispatch('airflow_catalog_forget', 'airflow_catalog')(relation, found) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if problem -%}
        {%- do adapter.dispatch('airflow_catalog_warn', 'airflow_catalog')(relation ~ ': ' ~ problem) -%}
    {%- endif -%}
    {{- return(not problem) -}}
{%- endmacro %}
