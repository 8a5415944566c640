{# The type of an id, and of a payload. #}
{% macro default__airflow_catalog_text_types() -%}
    {{- return((dbt.type_string(), dbt.type_string())) -}}
{%- endmacro %}


{# Without a length it is VARCHAR(256). #}
{% macro redshift__airflow_catalog_text_types() -%}
    {{- return(('varchar(256)', 'varchar(65535)')) -}}
{%- endmacro %}


{% macro sqlserver__airflow_catalog_text_types() -%}
    {{- return(('varchar(256)', 'varchar(max)')) -}}
{%- endmacro %}
