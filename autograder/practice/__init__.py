"""A sample class, made of right and wrong answers to every exercise."""
