"""PostgreSQL, over libpq as psycopg 3 brings it."""
