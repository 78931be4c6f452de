"""What is sent to the student's side, runs next to the student's function, and gives plain data back.

No verdict rests on these functions alone: a student's code can change what they see and say. What they refuse, such as
a value that is no network, could not be looked at.
"""
