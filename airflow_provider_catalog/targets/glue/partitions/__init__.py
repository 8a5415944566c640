"""Partitions of tables of Glue: `values` reads what somebody states, `inputs` is how Glue wants them, `plan` what is to
be called. Nothing is called here.
"""
