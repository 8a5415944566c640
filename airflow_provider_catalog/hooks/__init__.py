"""Connections of Airflow to what the catalog needs."""
