"""The caches: what the service asks of one, and the stores that can be one."""
