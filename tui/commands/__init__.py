"""The commands that work without the screen."""
