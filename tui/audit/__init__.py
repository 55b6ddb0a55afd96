"""Whether a cached copy says what its row says."""
