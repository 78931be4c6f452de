"""What is sent to the student's side, runs next to the student's function, and gives plain data back.

Nothing here may judge: a student's code can change what these functions see and say.
"""
