"""Sets the project up on a machine, finds what is missing there, and says what to install."""
