"""Programs for the command line, for places that have no server and no network."""
