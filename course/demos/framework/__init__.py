"""What all demos are built on: the base class, the canvas, training behind a button, still pictures."""
