-- A file of several statements, with what Airflow puts into them.
CREATE TEMP TABLE recent AS
SELECT * FROM {{ params.schema }}.orders WHERE sold_on <= DATE '{{ macros.ds_add('2030-01-01', 0) }}';

INSERT INTO mart.report (country, revenue)
SELECT country, sum(amount)
FROM recent JOIN {{ params.schema }}.customers ON recent.customer = customers.name
GROUP BY country;
