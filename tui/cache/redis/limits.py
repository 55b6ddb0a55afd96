"""How long anything may take, and be: the drivers' own limits are far too high."""

COMMAND_SECONDS = 0.25
"""What the server may take for one command."""
CONNECT_SECONDS = 0.5
"""What opening a connection may take."""
CALL_SECONDS = 0.5
"""What one call may take in all: connecting, and once more when the connection was lost."""
LARGEST_VALUE = 16 << 20
"""Bytes of a value that is read whole, unless the settings say otherwise."""
