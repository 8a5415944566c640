"""Types of columns as Hive has them, whatever the database calls them: `types` reads one, by the `grammar` that all
of them share and the `names` that each has of its own.
"""
