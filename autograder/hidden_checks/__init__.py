"""Hidden checks of the assignments, called from hidden regions of test cells, in the examiner.

One module per subject; shared checks exist once. Helpers that must run beside the student's code are in
`course.checks.beside`, because nothing of this package may enter the student's room.
"""
