"""Files that tasks write and say nothing of: the catalog is told their columns, which they have in them.

A target like others, by when it is called and what it may refuse; but what it finds goes into the log, as everything
does that the catalog knows.
"""
