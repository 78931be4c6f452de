"""nbgrader's settings for this course; the course root is the folder of this file."""

from __future__ import annotations

from pathlib import Path

c = get_config()  # noqa: F821 - traitlets puts it there

root = Path(__file__).resolve().parent
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "activations"

# A text twin holds the solutions: it is not one of the files that go along with an assignment.
twins = [twin.name for twin in root.glob("source/*/*.py") if twin.with_suffix(".ipynb").exists()]
c.CourseDirectory.ignore.extend(twins)

c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("write me")'}

# `nbgrader validate` runs a notebook with the kernel that is here, whatever the one is called that saved it.
c.ExecutePreprocessor.kernel_name = "python3"

# Student code runs in a sandbox, test cells outside it. nbgrader itself gets the released cells from `Restore`;
# `Examiner` reads what was handed in, within bounds of memory and time. Where no sandbox can be built, the exporter
# refuses before anything is changed.
c.Autograde.exporter_class = "autograder.examiner.exporter.WalledExporter"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "autograder.examiner.preprocessor.Restore",
]
c.Autograde.autograde_preprocessors = [
    "autograder.examiner.preprocessor.Examiner",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.penalties.LatePenalties",
]

# Feedback shows a student no hidden test and no mark scheme, on a page of ours, which reads the grades itself.
c.GenerateFeedback.exporter_class = "autograder.reports.feedback_page.FeedbackPage"
c.GenerateFeedback.preprocessors = [
    "autograder.reports.feedback.KeepPagesOnly",
    "autograder.reports.feedback.ClearTestTracebacks",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
]

# Submissions that were collected by hand are named, and the feedback of the others is released all the same.
c.ExchangeFactory.release_feedback = "autograder.reports.release.ReleaseFeedback"
# An exchange that is not there, or cannot be written to, comes with what to do.
c.ExchangeFactory.release_assignment = "autograder.exchange.ReleaseAssignment"
c.ExchangeFactory.collect = "autograder.exchange.Collect"

# release/ is made from source/ and nothing else, so it may be made again: the gradebook is then filled in any case.
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "autograder.publish.save_cells.SaveCells",  # nbgrader's, with a refusal that says what to do
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
