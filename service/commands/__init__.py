"""Programs for the command line, for places that have no server and no network."""

import os

# Before NumPy and Numba are first imported: programs compute as the service does, a thread in each
# process (gunicorn.conf.py), so that their answers have the same bytes; and no pool of threads
# would survive a fork.
for _pool in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")
