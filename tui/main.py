"""The entry point: decides between the screen and a command, before importing either."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .keras_options import KerasOptions

COMMANDS = (
    "show",
    "weights",
    "diff",
    "freeze",
    "unfreeze",
    "rename",
    "set",
    "transplant",
    "head",
    "apply",
    "convert",
    "compile",
    "eval",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run kerastui and return the exit status: 0 done, 1 failed, 2 bad input or usage."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    if not args:
        return open_screen(None)
    if len(args) == 1 and not args[0].startswith("-") and args[0] not in COMMANDS:
        return open_screen(args[0])
    from .cli import run

    return run(args)


def open_screen(path: str | None, keras: KerasOptions | None = None) -> int:
    """Show the explorer on the model file at `path`, or the file picker on a folder.

    The file is read by another process (the clerk) while this one imports Textual: that is
    how the first frame can show the model's layers. `keras` is what the command line says of
    the Keras process.
    """
    import gc

    # A change is painted at the next tick of the screen's clock: twice as many ticks, half the
    # wait. Nothing is drawn at a tick without a change.
    os.environ.setdefault("TEXTUAL_FPS", "120")

    # Importing makes many objects and little garbage; looking for it costs a tenth of start.
    gc.disable()
    from kerastui.clerk.client import Clerk

    clerk = Clerk()
    folder = path is None or (os.path.isdir(path) and not _is_saved_model(path))  # noqa: PTH112
    opening = None if folder else clerk.submit("open", path)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print(  # noqa: T201
            "kerastui: the screen needs a terminal; use `kerastui show MODEL` in a pipe or script.",
            file=sys.stderr,
        )
        return 2
    from .app import KerastuiApp

    app = KerastuiApp(clerk, path=path, opening=opening, keras=keras)
    app.run()
    clerk.close()
    if app.failure:
        print(f"kerastui: {app.failure}", file=sys.stderr)  # noqa: T201
        return 2
    return app.return_code or 0


def _is_saved_model(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "saved_model.pb"))  # noqa: PTH113, PTH118


if __name__ == "__main__":
    sys.exit(main())
