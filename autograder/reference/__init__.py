"""Reference implementations of every activation function of the course, in NumPy and in PyTorch."""
