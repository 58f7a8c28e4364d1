"""The tape engine: programs of scalars, as columns that the kernel's loops run over."""
