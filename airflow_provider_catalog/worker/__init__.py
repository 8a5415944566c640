"""What moves envelopes: `ingest` puts them into the log, `merge` reads the log into the store."""
