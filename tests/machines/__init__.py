"""Other machines, made from this one without a container engine."""
