"""The cache-aside service: what a lookup and a write mean."""
