"""What messages have in common: the fields they are made of, and the caches of what was read."""
