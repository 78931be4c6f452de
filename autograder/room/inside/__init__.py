"""Everything of the grader's that is mounted into a student room, and nothing else.

It runs in or beside the student's process, and the host trusts none of it. Modules here import the standard library,
their siblings (relatively: the package has another name in the room), the packages of the sandbox and the replay of
`course.handing_in`, never the host's code.
"""
