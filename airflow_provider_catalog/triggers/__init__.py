"""Triggers: what waits for something outside while its task takes no worker."""
