{#
  Two patterns that tell by the text of a value whether JSON cannot hold all of it: `texts` are to be replaced by 0, and
  then `foreign` finds nothing. A `config()` in SQL may put a date into `meta`, and `tojson` would fail the run (a set
  fails dbt itself). dbt's own enumerations, <Name.member: 'text'>, are text to JSON.
#}
{% macro default__airflow_catalog_unplain() -%}
    {{- return({
        'texts': modules.re.compile(
            "<\\w+\\.\\w+: '\\w+'>|'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|"
            "\\b(?:True|False|None|nan|inf)\\b|\\d+(?:\\.\\d+)?e[+-]?\\d+"
        ),
        'foreign': modules.re.compile('[A-Za-z_<]'),
    }) -}}
{%- endmacro %}
