"""The database: one table of a SQLite file, its schema, its records, and making files."""
