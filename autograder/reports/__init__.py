"""After grading: results, the class report, the export of grades, and feedback for students."""
