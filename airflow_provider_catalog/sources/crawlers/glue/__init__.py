"""AWS Glue, read as it stands: `opening` finds the readers of a Data Catalog (`tables`) and of its Schema Registry
(`registry`), which give AWS's own documents; `source` turns an envelope with such a document into `Changes`.
"""
