"""Finds out whether a student wrote a function or calls a library's version of it.

`slicing` cuts what a function needs out of the notebook, `rules` says what that part may use, and `check` runs
it alone. So a library's activation that no rule finds in the source is missing when the points are earned.
"""
