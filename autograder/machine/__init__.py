"""What this machine is: sets the project up on it, finds what it lacks, and says what to install."""
