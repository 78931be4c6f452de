"""Measures this grader, stock nbgrader and the bare limit on the same submissions, in one run."""
