"""The worker process: its places, memory, clock, log and measurements."""
