INSERT INTO customers SELECT * FROM raw.customers;
INSERT INTO mart.sold SELECT name, price FROM orders JOIN products ON sku = product_sku
