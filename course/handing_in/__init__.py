"""What becomes of a notebook between a student's editor and its run: it is read, restored, replayed.

The grader and a student's rehearsal share it. `replay`, `lenient` and `defaults` run beside the student's code, in
the grader's rooms too, and import the standard library, NumPy, IPython and each other only.
"""
