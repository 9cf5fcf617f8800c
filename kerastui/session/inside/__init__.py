"""What the Keras worker uses inside its own process.

These modules run under the *user's* Python, which may be older than ours and has no
kerastui: they import the standard library, NumPy and each other, and are handed Keras and
TensorFlow as arguments. They are written for Python 3.8 and later.
"""
