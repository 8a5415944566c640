{#
  A document as rows of the table, or lines of the log:

      format, invocation_id, part, parts, piece, pieces, created_at, payload

  Documents of an invocation are numbered by `part` from 1 to `parts`; each is whole by itself. One that is longer than
  a row may be is cut into `pieces`: joined in their order they are its text. The text is JSON in ASCII without any of
  ' $ % ; and the backslash, so that it is the same literal in every dialect of SQL, to every driver, in every shell:
  those characters are written as JSON's \uXXXX, and then every backslash as ^. To read it: replace ^ by a backslash,
  parse. A ^ of the document itself is \u005e.
#}
{% macro default__airflow_catalog_rows(payload, limit) -%}
    {%- set document = dict(payload) -%}
    {%- set part = document.pop('part', 1) -%}
    {%- set parts = document.pop('parts', 1) -%}
    {%- set text = tojson(document)
        .replace('^', '\\u005e').replace("'", '\\u0027').replace('$', '\\u0024')
        .replace('%', '\\u0025').replace(';', '\\u003b').replace('\\', '^') -%}
    {%- set created_at = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%dT%H:%M:%SZ') -%}
    {%- set rows = [] -%}
    {%- for start in range(0, text | length, limit) -%}
        {%- do rows.append({
            'format': 1, 'invocation_id': invocation_id, 'part': part, 'parts': parts, 'piece': loop.index,
            'pieces': loop.length, 'created_at': created_at, 'payload': text[start:start + limit],
        }) -%}
    {%- endfor -%}
    {{- return(rows) -}}
{%- endmacro %}
