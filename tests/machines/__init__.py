"""Machines made for a test: what the project does on others than this one."""
