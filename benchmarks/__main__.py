"""`python -m benchmarks`: one thread for everything, and that before NumPy is imported."""

import os
import sys

for pool in ("MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[pool] = "1"

from benchmarks.cli import main  # noqa: E402 - see above

if __name__ == "__main__":
    sys.exit(main())
