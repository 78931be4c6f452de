"""What instructors have: reference implementations, grading, reports and the command line."""
