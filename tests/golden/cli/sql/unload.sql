COPY INTO raw.orders FROM @landing/orders FILE_FORMAT = (TYPE = PARQUET);
COPY INTO 's3://lake/orders/' FROM raw.orders;
ALTER TABLE mart.orders SWAP WITH mart.orders_next;
