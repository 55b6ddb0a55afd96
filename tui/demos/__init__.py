"""Demonstrations: scripts that press keys on the real screen, and say what is to be seen."""
