"""The explorer in lines: for screen readers, terminals that can do little, and pipes."""
