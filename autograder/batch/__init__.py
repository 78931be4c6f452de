"""Grades a class: many submissions at once, one writer, resumable."""
