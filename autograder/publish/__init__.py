"""Before grading: notebooks from their text, quizzes with hidden keys, the student bundle, the leak gate."""
