"""Reproducible measurements: ours and the peer in one run."""
