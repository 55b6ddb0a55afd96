"""What is said of two values where neither 'the same' nor 'different' is true."""


class NotCompared(Exception):
    """It cannot be told; the reason, where it is not plain from what is shown."""
