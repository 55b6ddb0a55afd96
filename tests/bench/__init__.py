"""What a lookup costs, beside the client, the pattern by hand, and other libraries."""
