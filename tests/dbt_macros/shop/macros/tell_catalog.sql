{# A wrapper of the project's own, by the name that stands in `on-run-end`. #}
{% macro tell_catalog() %}
    {{ return(airflow_catalog.export_lineage_to_catalog()) }}
{% endmacro %}
