"""What lessons and demos compute: functions of numbers and tensors, no widgets."""
