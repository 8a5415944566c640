{# The table of the transport `table`, for all projects of a warehouse that name the same schema. #}
{% macro default__airflow_catalog_relation() -%}
    {{- return(api.Relation.create(
        database=var('airflow_catalog_database', none) or target.database,
        schema=var('airflow_catalog_schema', none) or target.schema,
        identifier='airflow_catalog_export',
        type='table',
    )) -}}
{%- endmacro %}
