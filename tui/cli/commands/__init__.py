"""The commands without a screen, one file for each kind."""
