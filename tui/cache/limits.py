"""How long anything may take: the drivers' own limits are far too high."""

COMMAND_SECONDS = 0.25
"""What the server may take for one command."""
CONNECT_SECONDS = 0.5
"""What opening a connection may take."""
CALL_SECONDS = 0.5
"""What one call may take in all: connecting, and once more when the connection was lost."""
