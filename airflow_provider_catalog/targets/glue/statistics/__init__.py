"""Statistics of the columns of tables of Glue: `runs` has them counted and reads them, `columns` makes of them what the
catalog is told.
"""
