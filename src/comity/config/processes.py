"""What a process owes to others: to end with the one that started it, to take nobody's port. Standard library only."""

import ctypes
import os
import signal
import socket
import sys


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when the one that started it is gone, even by `kill -9` (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(1)


def free_port(host: str, port: int) -> int:
    """The port, or any free one for 0; ends the process with a word where someone listens there.

    The server shares its port between processes, so two installations would get each other's requests in silence.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(f"comity: cannot listen on {host}:{port}: {error.strerror}") from error
        return int(probe.getsockname()[1])
