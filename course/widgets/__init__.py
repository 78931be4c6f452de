"""What lessons show besides demos: predictions, quizzes, cards, claims."""
