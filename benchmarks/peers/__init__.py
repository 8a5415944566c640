"""Peers of our own making: the plain way to do the same thing, written well."""
