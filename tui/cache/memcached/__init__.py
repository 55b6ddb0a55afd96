"""Memcached as the cache: an item is the copy and the claim on its key at once."""
