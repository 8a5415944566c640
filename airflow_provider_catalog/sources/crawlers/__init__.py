"""Crawlers: what is there already, read as it stands.

A reader takes an open connection and gives the plain values of `tables`; readers are the only ones among the sources
that ask anybody for anything. `database` is the source: it turns one envelope with a table in it into `Changes`.
"""
