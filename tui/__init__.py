"""The application: command line, screens, dialogs. Installed as `kerastui.tui`."""
