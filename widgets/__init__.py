"""The pieces of a screen, one a file, each usable alone. Installed as `kerastui.widgets`."""
