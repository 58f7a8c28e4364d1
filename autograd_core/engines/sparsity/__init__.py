"""Where a matrix of derivatives can be other than 0, and how few sweeps find it."""
