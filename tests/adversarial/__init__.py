"""Submissions that would like full marks, or harm: what they try, and whether they succeed."""
