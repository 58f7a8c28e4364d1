"""Engines: what runs a program, forward and in reverse."""
