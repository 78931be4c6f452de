"""Hidden checks of the assignments, called from hidden regions of test cells, in the examiner.

One module a subject; what several assignments share stands once. Helpers that must run beside the student's
code live in `course`, since nothing of this package may enter the student room.
"""
