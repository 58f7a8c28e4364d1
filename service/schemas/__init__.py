"""What messages look like: one module for each, on the fields and the base they share."""
