"""A student's rehearsal of the grading: `python -m course.rehearse NOTEBOOK`, or a button in the notebook.

The notebook is read and restored by the grader's own code (`course.handing_in`), and run in kernels that are started
for it. There is no wall around them: the code is the student's own. Hidden checks are not here.
"""
