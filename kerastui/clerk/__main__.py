"""``python -m kerastui.clerk``: the clerk's process."""

from .server import main

main()
