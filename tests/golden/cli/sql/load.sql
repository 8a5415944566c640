-- Revenue by country, every night
CREATE TEMP TABLE fresh AS
SELECT o.id, o.amount * 100 AS cents, c.country
FROM shop.orders o
JOIN shop.customers c ON c.id = o.customer_id
WHERE o.day = '{{ ds }}';

INSERT INTO mart.revenue (country, total)
SELECT country, sum(cents) FROM fresh GROUP BY country;

DELETE FROM mart.revenue_old;
CALL mart.refresh();
SELECT total FROM mart.revenue ORDER BY country;
