"""What is needed and who brings it."""
