{# Why nothing can be written there, as far as that can be asked without an error; else ''. #}
{% macro default__airflow_catalog_obstacle(relation) -%}
    {{- return('') -}}
{%- endmacro %}


{% macro duckdb__airflow_catalog_obstacle(relation) -%}
    {%- set rows = run_query(
        "select readonly from duckdb_databases() where lower(database_name) = lower('" ~ relation.database ~ "')"
    ).rows -%}
    {%- if not rows -%}
        {{- return('there is no database ' ~ relation.database) -}}
    {%- endif -%}
    {{- return('the database is open for reading only' if rows[0][0] else '') -}}
{%- endmacro %}


{# Its adapter raises an error when it is asked for another database. #}
{% macro postgres__airflow_catalog_obstacle(relation) -%}
    {%- set here = (relation.database or '') | lower == (target.database or '') | lower -%}
    {{- return('' if here else 'PostgreSQL writes only into the database it is connected to, ' ~ target.database) -}}
{%- endmacro %}


{# Redshift has no block that catches errors. What its privileges say can be asked. #}
{% macro redshift__airflow_catalog_obstacle(relation) -%}
    {%- set names = "'" ~ relation.schema ~ "'" -%}
    {%- set table = "'" ~ relation.schema ~ '.' ~ relation.identifier ~ "'" -%}
    {%- if not adapter.check_schema_exists(relation.database, relation.schema) -%}
        {%- set asked = "has_database_privilege('" ~ relation.database ~ "', 'create')" -%}
    {%- elif adapter.get_relation(relation.database, relation.schema, relation.identifier) is none -%}
        {%- set asked = 'has_schema_privilege(' ~ names ~ ", 'create')" -%}
    {%- else -%}
        {%- set asked = "has_table_privilege(" ~ table ~ ", 'insert')" -%}
    {%- endif -%}
    {{- return('' if run_query('select ' ~ asked).rows[0][0] else 'the right to write there is missing') -}}
{%- endmacro %}
