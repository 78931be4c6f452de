"""What lessons show apart from demos: predictions, quizzes, cards, claims."""
