"""What a student did in the lessons, kept between sessions: in one file on the student's own machine, and nowhere else.

`store` has the file, `contents` what there is to do in each lesson, `kept` one item of it, `follow` sees passed checks.
"""
