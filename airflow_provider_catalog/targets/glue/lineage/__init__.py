"""What tables of Glue are made of, told to them: `upstream` reads it from the store, `chain` and `tree` make parameters
and a text of it, `pushing` writes these into tables that are there.
"""
