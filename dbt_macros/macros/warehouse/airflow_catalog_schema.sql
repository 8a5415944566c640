{# The schema of a relation, as it is named where it is made. #}
{% macro default__airflow_catalog_schema(relation) -%}
    {{- return(relation.without_identifier()) -}}
{%- endmacro %}


{# Also Redshift: without its database. #}
{% macro postgres__airflow_catalog_schema(relation) -%}
    {{- return(relation.without_identifier().include(database=false)) -}}
{%- endmacro %}
