"""Between a screen and the services: they take what was typed and return values."""
