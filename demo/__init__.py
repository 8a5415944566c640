"""The demo: an Airflow of its own in one folder, with the example DAGs, to look at what the catalog makes of them."""
