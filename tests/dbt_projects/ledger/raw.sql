-- What the bank's interface writes, with the names that it likes: for DuckDB and for PostgreSQL alike.
-- Running it again starts from the beginning.

create schema if not exists raw_bank;

create table if not exists raw_bank."Accounts" (
    "Id" integer, "Holder Name" varchar(60), "Currency" varchar(3), "openedOn" date, "closedOn" date
);
create table if not exists raw_bank."Entries" (
    "Id" integer, "AccountId" integer, "bookedAt" timestamp, "Amount" numeric(14, 2), "Kind" varchar(1), payload json
);
create table if not exists raw_bank.fx_rates (quoted_on date, base varchar(3), quote varchar(3), rate numeric(12, 6));
create table if not exists raw_bank.budgets ("Dept" varchar(20), jan numeric(12, 2), feb numeric(12, 2), mar numeric(12, 2));

delete from raw_bank."Accounts";
delete from raw_bank."Entries";
delete from raw_bank.fx_rates;
delete from raw_bank.budgets;

insert into raw_bank."Accounts" values
    (1, 'Harbour Ltd', 'EUR', '2023-01-10', null),
    (2, 'Mill & Sons', 'eur', '2023-02-01', '2024-06-30'),
    (3, 'North Star', 'USD', '2023-05-20', null);

insert into raw_bank."Entries" values
    (1, 1, '2024-01-03 10:00:00', 1200.00, 'C', '{"ref": "A-1", "dept": "sales", "party": {"name": "Mill & Sons"}, "tags": ["rent", "q1"]}'),
    (2, 2, '2024-01-03 10:00:00', 1200.00, 'D', '{"ref": "A-1", "dept": "sales", "party": {"name": "Harbour Ltd"}, "tags": ["rent"]}'),
    (3, 1, '2024-02-11 09:15:00', 310.50, 'D', '{"ref": "A-2", "dept": "office", "party": {"name": "City"}, "tags": []}'),
    (4, 3, '2024-02-12 16:40:00', 99.90, 'C', '{"ref": "B-7", "dept": "sales", "party": {"name": "Harbour Ltd"}, "tags": ["q1"]}'),
    (5, 3, '2024-03-01 08:00:00', 20.00, 'D', '{"ref": "B-8", "dept": "office", "party": {"name": "City"}, "tags": ["fee"]}');

insert into raw_bank.fx_rates values
    ('2024-01-01', 'EUR', 'EUR', 1), ('2024-01-01', 'USD', 'EUR', 0.91), ('2024-02-01', 'USD', 'EUR', 0.925);

insert into raw_bank.budgets values ('sales', 1000, 1100, 900), ('office', 300, 300, 350);
