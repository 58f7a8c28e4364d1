"""The HTTP face of `autograd_core`: it knows callers, and differentiates nothing itself."""

__version__ = "1.0.0"
