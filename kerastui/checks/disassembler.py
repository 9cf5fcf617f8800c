"""The process that lists hostile bytecode with ``dis``: see `disassembly`.

Run by its path, with nothing but the standard library. Reads base64 from standard input,
unmarshals it, never runs it. Exit status: 0 listed, 3 not of this Python.
"""

import base64
import dis
import io
import marshal
import sys
import types
from typing import Any, cast

_LINES = 2000


def _limit() -> None:
    """Take time and memory away before anything hostile is looked at."""
    try:
        import resource
    except ImportError:  # Windows: the parent's timeout has to do
        return
    for what, most in (("RLIMIT_CPU", 5), ("RLIMIT_AS", 512 << 20), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, what)
        hard = resource.getrlimit(kind)[1]
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, hard))


def _is_ours(code: types.CodeType) -> bool:
    """Whether the inline caches lie where this Python's instructions want them."""
    caches: Any = getattr(dis, "_inline_cache_entries", None)
    known = {op for name, op in dis.opmap.items() if name != "CACHE"}
    raw, at = code.co_code, 0
    while at < len(raw):
        op = raw[at]
        if op not in known:
            return False
        if isinstance(caches, dict):
            table = cast("dict[str, int]", caches)
            count = table.get(dis.opname[op], 0)
        else:
            count = int(caches[op]) if caches else 0
        cached = raw[at + 2 : at + 2 + 2 * count : 2]
        if any(cached) or len(cached) != count:
            return False
        at += 2 + 2 * count
    return True


def main() -> int:
    """List what comes on standard input."""
    _limit()
    data = base64.b64decode(sys.stdin.buffer.read())
    try:
        code = marshal.loads(data)
    except (ValueError, EOFError, TypeError):
        return 3
    if not isinstance(code, types.CodeType) or not _is_ours(code):
        return 3
    listed = io.StringIO()
    dis.dis(code, file=listed)
    lines = listed.getvalue().splitlines()[:_LINES]
    sys.stdout.buffer.write("\n".join(lines).encode("utf-8", "backslashreplace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
