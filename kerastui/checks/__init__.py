"""Checks look at a description and report findings.

`code_scan` finds code in a model file's configuration, `disassembly` shows bytecode without
running it.
"""
