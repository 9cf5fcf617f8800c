"""Looking at weights: statistics, histograms, windows, and what is odd about them.

Everything is read in pieces under a byte budget, and what comes back (`results`) is small and
without NumPy, so that a screen can be sent it. `statistics` is the front door.
"""
