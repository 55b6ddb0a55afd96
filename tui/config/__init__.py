"""What hitmiss was told, and what it keeps from one run to the next."""
