"""Operators: thin, each calls one service and gives back what it counted."""
