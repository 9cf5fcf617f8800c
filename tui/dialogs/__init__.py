"""Modal screens, one a file. None is imported before the first frame."""
