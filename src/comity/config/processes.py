"""The tie between a process and the one that started it; standard library only."""

import ctypes
import os
import signal
import sys


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when the one that started it is gone, even by `kill -9` (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(1)
