"""The course in JupyterLab, as a student opens it: `python -m course.lab`."""
