"""Settings of all tests."""

import os

from hypothesis import settings

# Before torch and NumPy are imported: two test workers with as many threads as cores each only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says something about the machine's load, not about the code.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
