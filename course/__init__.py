"""A course on activation functions: lessons, demos and the checks of its exercises."""
