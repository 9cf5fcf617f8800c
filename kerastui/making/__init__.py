"""New values for weights: from arrays in files, expressions, initializers; dtypes and their loss.

Runs in the clerk and in commands, never in the screen's process: it imports NumPy and reads
files. What is made is written to a ``.npy``, whose `ArraySource` an edit then names.
"""
