"""Long runs of what nobody means well: each part goes on for minutes, and finds nothing."""
