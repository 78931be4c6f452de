"""Grades one notebook: the student's cells run in the student room, the test cells here."""
