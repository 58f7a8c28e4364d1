"""What a worker process has of its own: places, memory, a clock, a log, measurements."""
