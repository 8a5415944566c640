{# Makes the documents and hands each to `send_to_catalog_api`, if its way is open. #}
{% macro default__airflow_catalog_send(told, marker, transport) -%}
    {%- set limit = adapter.dispatch('airflow_catalog_limit', 'airflow_catalog')(transport) -%}
    {%- set ready = transport != 'table' or adapter.dispatch('airflow_catalog_prepare', 'airflow_catalog')() -%}
    {%- if ready -%}
        {%- set send = adapter.dispatch('airflow_catalog_sender', 'airflow_catalog')()
            or adapter.dispatch('send_to_catalog_api', 'airflow_catalog') -%}
        {%- for document in adapter.dispatch('airflow_catalog_documents', 'airflow_catalog')(told, marker, limit) -%}
            {%- do send(document) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
