"""Feedback while students work: collects what they submit, grades it, and releases its feedback."""
