"""A list of nodes, as it comes in JSON -> Graph."""
