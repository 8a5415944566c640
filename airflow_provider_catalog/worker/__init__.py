"""What moves things: `ingest` puts them into the log, `merge` reads the log into the store, `publish` tells others."""
