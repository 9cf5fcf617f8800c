"""Reading a model file into a description."""
