-- What the shop's own systems load, long before dbt runs: for DuckDB and for PostgreSQL alike.
-- Running it again starts from the beginning.

create schema if not exists raw_shop;
create schema if not exists raw_pos;

create table if not exists raw_shop.customers (
    id integer, full_name varchar(80), email varchar(80), phone varchar(30), country_code varchar(2),
    referrer_id integer, signed_up_at timestamp, is_blocked boolean, changed_at timestamp, _loaded_at timestamp
);
create table if not exists raw_shop.orders (
    id integer, customer_id integer, status varchar(20), channel varchar(20), ordered_at timestamp,
    shipped_at timestamp, note varchar(200), _loaded_at timestamp
);
create table if not exists raw_shop.order_lines (
    order_id integer, line_no integer, sku varchar(12), quantity integer, unit_cents integer, discount_percent integer
);
create table if not exists raw_shop.products (
    sku varchar(12), title varchar(80), category_id integer, list_cents integer, cost_cents integer,
    weight_grams integer, labels varchar(100), discontinued_on date
);
create table if not exists raw_shop.categories (id integer, name varchar(40), parent_id integer);
create table if not exists raw_shop.payments (
    id integer, order_id integer, method varchar(12), amount_cents integer, state varchar(12), paid_at timestamp
);
create table if not exists raw_shop.refunds (
    id integer, payment_id integer, amount_cents integer, reason varchar(40), refunded_at timestamp
);
create table if not exists raw_shop.stock_moves (
    id integer, sku varchar(12), warehouse varchar(12), moved integer, moved_at timestamp
);
create table if not exists raw_shop.web_events (
    id integer, visitor varchar(12), customer_id integer, event varchar(20), page varchar(60), happened_at timestamp
);
create table if not exists raw_shop.legacy_prices (sku varchar(12), cents integer, valid_until date);
create table if not exists raw_pos.tills (till_id integer, store varchar(30), opened_on date);
create table if not exists raw_pos.receipts (
    receipt_no integer, till_id integer, email varchar(80), sku varchar(12), quantity integer, total_cents integer,
    sold_at timestamp
);

delete from raw_shop.customers;
delete from raw_shop.orders;
delete from raw_shop.order_lines;
delete from raw_shop.products;
delete from raw_shop.categories;
delete from raw_shop.payments;
delete from raw_shop.refunds;
delete from raw_shop.stock_moves;
delete from raw_shop.web_events;
delete from raw_shop.legacy_prices;
delete from raw_pos.tills;
delete from raw_pos.receipts;

insert into raw_shop.customers values
    (1, 'Ada Moss', ' Ada@Example.test', '+49 30 100', 'DE', null, '2024-01-05 09:00:00', false, '2024-01-05 09:00:00', current_date),
    (2, 'Ben Fern', 'ben@example.test', null, 'FR', 1, '2024-01-20 10:30:00', false, '2024-02-01 08:00:00', current_date),
    (3, 'Cleo Reed', 'CLEO@example.test', '+33 1 200', 'FR', 2, '2024-02-11 12:00:00', false, '2024-02-11 12:00:00', current_date),
    (4, 'Dan Birch', 'dan@example.test', '+31 20 300', 'NL', 2, '2024-03-02 16:45:00', true, '2024-05-01 00:00:00', current_date),
    (5, 'Eve Thorn', 'eve@example.test', null, 'DE', null, '2024-03-15 07:15:00', false, '2024-03-15 07:15:00', current_date),
    (6, 'Finn Oak', 'finn@example.test', '+49 40 400', 'DE', 5, '2024-04-01 11:11:00', false, '2024-04-01 11:11:00', current_date);

insert into raw_shop.orders values
    (101, 1, 'delivered', 'web', '2024-02-01 10:00:00', '2024-02-02 08:00:00', 'ring twice', current_date),
    (102, 1, 'delivered', 'app', '2024-02-20 18:20:00', '2024-02-22 09:00:00', null, current_date),
    (103, 2, 'returned', 'web', '2024-02-25 21:05:00', '2024-02-27 10:00:00', 'gift', current_date),
    (104, 3, 'delivered', 'web', '2024-03-10 06:30:00', '2024-03-11 07:30:00', null, current_date),
    (105, 4, 'cancelled', 'phone', '2024-03-12 13:00:00', null, 'customer blocked', current_date),
    (106, 5, 'shipped', 'app', '2024-04-02 15:45:00', '2024-04-03 12:00:00', null, current_date),
    (107, 1, 'placed', 'web', '2024-04-15 08:08:00', null, null, current_date),
    (108, 6, 'delivered', 'web', '2024-04-16 19:00:00', '2024-04-18 09:30:00', null, current_date);

insert into raw_shop.order_lines values
    (101, 1, 'FERN-01', 2, 1299, 0), (101, 2, 'POT-10', 1, 899, 10), (102, 1, 'MOSS-02', 5, 450, 0),
    (103, 1, 'FERN-01', 1, 1299, 0), (103, 2, 'SOIL-05', 2, 600, 0), (104, 1, 'POT-10', 3, 899, 0),
    (105, 1, 'SEED-77', 10, 199, 5), (106, 1, 'SOIL-05', 1, 600, 0), (106, 2, 'FERN-01', 1, 1199, 0),
    (107, 1, 'SEED-77', 4, 199, 0), (108, 1, 'MOSS-02', 2, 450, 0), (108, 2, 'POT-10', 2, 899, 20);

insert into raw_shop.products values
    ('FERN-01', 'Sword fern', 2, 1299, 500, 800, 'indoor,shade', null),
    ('MOSS-02', 'Sheet moss', 2, 450, 120, 150, 'shade', null),
    ('POT-10', 'Clay pot 10 cm', 4, 899, 300, 600, 'indoor,outdoor,clay', null),
    ('SOIL-05', 'Potting soil 5 l', 5, 600, 210, 4800, 'outdoor', null),
    ('SEED-77', 'Meadow seeds', 3, 199, 40, 20, 'outdoor,bees', '2024-12-31');

insert into raw_shop.categories values
    (1, 'Plants', null), (2, 'Green plants', 1), (3, 'Seeds', 1), (4, 'Pots', 6), (5, 'Soil', 6), (6, 'Supplies', null);

insert into raw_shop.payments values
    (1, 101, 'card', 3407, 'settled', '2024-02-01 10:01:00'), (2, 102, 'wallet', 2250, 'settled', '2024-02-20 18:21:00'),
    (3, 103, 'card', 1299, 'settled', '2024-02-25 21:06:00'), (4, 103, 'voucher', 1200, 'settled', '2024-02-25 21:06:30'),
    (5, 104, 'invoice', 2697, 'settled', '2024-03-20 00:00:00'), (6, 105, 'card', 1890, 'failed', '2024-03-12 13:01:00'),
    (7, 106, 'wallet', 1799, 'settled', '2024-04-02 15:46:00'), (8, 108, 'card', 2338, 'settled', '2024-04-16 19:01:00');

insert into raw_shop.refunds values
    (1, 3, 1299, 'returned', '2024-03-05 10:00:00'), (2, 7, 600, 'broken bag', '2024-04-08 09:00:00');

insert into raw_shop.stock_moves values
    (1, 'FERN-01', 'north', 40, '2024-01-02 08:00:00'), (2, 'FERN-01', 'north', -2, '2024-02-02 08:00:00'),
    (3, 'POT-10', 'north', 60, '2024-01-02 08:05:00'), (4, 'POT-10', 'north', -1, '2024-02-02 08:00:00'),
    (5, 'MOSS-02', 'south', 100, '2024-01-03 08:00:00'), (6, 'MOSS-02', 'south', -5, '2024-02-22 09:00:00'),
    (7, 'SOIL-05', 'south', 30, '2024-01-03 09:00:00'), (8, 'SEED-77', 'south', 500, '2024-01-04 10:00:00');

insert into raw_shop.web_events values
    (1, 'v-01', 1, 'view', '/fern', '2024-02-01 09:40:00'), (2, 'v-01', 1, 'basket', '/fern', '2024-02-01 09:50:00'),
    (3, 'v-01', 1, 'order', '/done', '2024-02-01 10:00:00'), (4, 'v-02', null, 'view', '/moss', '2024-02-03 12:00:00'),
    (5, 'v-02', 2, 'view', '/fern', '2024-02-25 20:55:00'), (6, 'v-02', 2, 'order', '/done', '2024-02-25 21:05:00'),
    (7, 'v-03', null, 'view', '/pots', '2025-01-10 10:00:00'), (8, 'v-03', null, 'view', '/soil', '2025-01-10 10:45:00');

insert into raw_shop.legacy_prices values ('FERN-01', 1099, '2023-12-31'), ('OLD-99', 350, '2022-06-30');

insert into raw_pos.tills values (1, 'Harbour', '2023-05-01'), (2, 'Old town', '2023-09-15');

insert into raw_pos.receipts values
    (9001, 1, 'ada@example.test', 'POT-10', 1, 899, '2024-02-10 11:00:00'),
    (9002, 1, null, 'FERN-01', 1, 1299, '2024-02-10 11:20:00'),
    (9003, 2, 'gil@example.test', 'SOIL-05', 3, 1800, '2024-03-09 15:00:00');
