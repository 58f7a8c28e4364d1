"""What GET answers."""
