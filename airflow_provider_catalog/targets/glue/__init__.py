"""Tables of AWS Glue: what the catalog wants them to be, and what is to be called for that.

`wanted` is what the catalog has to say of a table, `plan` what is to be done about it, `undo` how it is taken back.
None of these looks anywhere or calls anything.
"""
