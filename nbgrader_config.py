"""nbgrader's settings for this course; the course root is the folder of this file."""

from pathlib import Path

c = get_config()  # noqa: F821 - traitlets puts it there

root = Path(__file__).resolve().parent
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "activations"

# A text twin holds the solutions: it is not one of the files that go along with an assignment.
twins = [twin.name for twin in root.glob("source/*/*.py") if twin.with_suffix(".ipynb").exists()]
c.CourseDirectory.ignore.extend(twins)

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write me")'}

# A test cell that a student deleted comes back; otherwise its points would be lost to the gradebook.
c.OverwriteCells.add_missing_cells = True

# Feedback shows a student no hidden test.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
