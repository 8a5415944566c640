{#
  Executes statements and commits them; gives what went wrong, or ''.

  Where the warehouse knows a block that catches errors, they are in one, and nothing that it says fails the run.
  Elsewhere an error that `airflow_catalog_obstacle` and `airflow_catalog_forget` did not foresee is the hook's: a lost
  connection, a full disk, a right that is missing and cannot be asked for.
#}
{% macro default__airflow_catalog_execute(statements) -%}
    {{- return(adapter.dispatch('airflow_catalog_execute_plainly', 'airflow_catalog')(statements)) -}}
{%- endmacro %}


{#
  $-quotes are safe: a payload has no $. `others` are not all: a statement_timeout is none of them. The problem is
  handed out by a setting of the session.
#}
{% macro postgres__airflow_catalog_execute(statements) -%}
    {%- call statement('airflow_catalog', fetch_result=true, auto_begin=true) -%}
        do $airflow_catalog$ begin
            perform set_config('airflow_catalog.problem', '', false);
            {% for sql in statements %}{{ sql }};
            {% endfor -%}
        exception when others or query_canceled or assert_failure then
            perform set_config('airflow_catalog.problem', sqlerrm, false);
        end $airflow_catalog$;
        select current_setting('airflow_catalog.problem', true)
    {%- endcall -%}
    {%- set rows = load_result('airflow_catalog').table.rows -%}
    {%- do adapter.commit() -%}
    {{- return(rows[0][0] or '') -}}
{%- endmacro %}


{# A child of PostgreSQL without its blocks. #}
{% macro redshift__airflow_catalog_execute(statements) -%}
    {{- return(adapter.dispatch('airflow_catalog_execute_plainly', 'airflow_catalog')(statements)) -}}
{%- endmacro %}


{% macro snowflake__airflow_catalog_execute(statements) -%}
    {%- call statement('airflow_catalog', fetch_result=true, auto_begin=false) -%}
        execute immediate $$ begin
            {% for sql in statements %}{{ sql }};
            {% endfor -%}
            return '';
        exception when other then
            return sqlerrm;
        end $$
    {%- endcall -%}
    {{- return(load_result('airflow_catalog').table.rows[0][0] or '') -}}
{%- endmacro %}


{% macro bigquery__airflow_catalog_execute(statements) -%}
    {%- call statement('airflow_catalog', fetch_result=true, auto_begin=false) -%}
        declare problem string default '';
        begin
            {% for sql in statements %}{{ sql }};
            {% endfor -%}
        exception when error then
            set problem = @@error.message;
        end;
        select problem
    {%- endcall -%}
    {{- return(load_result('airflow_catalog').table.rows[0][0] or '') -}}
{%- endmacro %}
