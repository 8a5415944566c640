"""Schemas of the Schema Registry of AWS Glue: what a new one breaks, and what is to be called.

`explain` says in words which readers a definition breaks, against those before it; `plan` what is to be called for a
schema to be as it is wanted; `link` what the catalog is told of the topic and the table that it describes. None of
these looks anywhere or calls anything. `registry` does.

A check is sure or it is not. What is sure to break is not sent; where it is not sure, it says so and AWS decides.
"""
