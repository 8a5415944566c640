"""The DAGs that come with the catalog. `CatalogDagBundle` offers them, `airflow-catalog paths` tells where they are."""
