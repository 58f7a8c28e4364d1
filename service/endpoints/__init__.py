"""The POST endpoints: a module each, with its message, its call and its answer."""
