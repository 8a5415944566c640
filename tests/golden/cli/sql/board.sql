CREATE VIEW mart.board AS SELECT country, total FROM mart.revenue
