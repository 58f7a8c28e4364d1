"""Say which of the peers the benchmarks measure against are installed."""

from importlib.util import find_spec

PEERS = {
    "micrograd": "micrograd",
    "autograd": "HIPS autograd",
    "casadi": "CasADi",
    "torch": "PyTorch",
}


def main() -> None:
    """Print a line for each peer that is missing, and how to add it."""
    for module, name in PEERS.items():
        if find_spec(module) is None:
            print(f"{name} is not installed, so it is not measured (pip install {module}).")


if __name__ == "__main__":
    main()
