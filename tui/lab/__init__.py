"""The Lab: loads and scenarios on the cache and database in use, under keys of its own."""
