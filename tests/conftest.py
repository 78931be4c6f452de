"""Settings of all tests."""

from hypothesis import settings

# How long an example takes says something about the machine's load, not about the code.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
