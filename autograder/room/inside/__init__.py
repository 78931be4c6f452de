"""Everything that is mounted into a student room, and nothing else.

It runs in or beside the student's process, and the host trusts none of it. Modules here import the standard library,
their siblings (relatively: the package has another name in the room) and the packages of the sandbox, never the
host's code.
"""
