"""How much memory the Keras process may take.

``RLIMIT_AS`` is of no use: TensorFlow reserves address space by the gigabyte. ``RLIMIT_DATA``
counts private writable memory (Linux 4.7+), so an allocation over the limit fails at once,
in the kernel, and Python raises MemoryError (TensorFlow: ResourceExhausted) and goes on.
Where that does not count (macOS), a thread watches the resident size and ends the process;
Windows has no limit.
"""

from __future__ import annotations

import os
import sys
import threading
import time

_SHARE = 0.9
_WATCH = 0.1
EXIT_MEMORY = 77
"""Exit status of a worker that ended itself over its limit."""


def limit(given: int | None) -> int:
    """Put a limit on this process and return it in bytes; 0 means none.

    `given`: bytes; None for the default, which is nine tenths of the machine's (or the
    container's) memory, and none on a machine with a GPU, whose driver maps the device's
    memory too; 0 for none.
    """
    prefer_as_victim()
    wanted = _default() if given is None else max(0, given)
    if not wanted:
        return 0
    if sys.platform.startswith("linux"):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    elif given and os.name == "posix":
        threading.Thread(target=_watch, args=(wanted,), daemon=True).start()
    return wanted


def prefer_as_victim() -> None:
    """When memory runs out all the same, the kernel should end this process, no other."""
    try:
        with open("/proc/self/oom_score_adj", "w") as stream:
            stream.write("900")
    except OSError:
        return  # no Linux, or not allowed


def machine() -> int:
    """Return the bytes of memory of this machine or container; 0 if unknown."""
    found = [_number("/sys/fs/cgroup/memory.max")]
    found.append(_number("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
    try:
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        pass
    return min((n for n in found if n > 0), default=0)


def _default() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    if any(os.path.exists(p) for p in ("/dev/nvidiactl", "/dev/nvidia0", "/dev/kfd")):
        return 0
    return int(machine() * _SHARE)


def _number(path: str) -> int:
    try:
        with open(path) as stream:
            return int(stream.read().strip())
    except (OSError, ValueError):
        return 0


def _watch(wanted: int) -> None:
    """End the process when its resident size was ever over the limit."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit <= wanted:
        time.sleep(_WATCH)
    os._exit(EXIT_MEMORY)
