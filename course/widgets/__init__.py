"""What lessons show apart from demos: predictions, quizzes, cards, claims, and the start page."""
