"""What can happen to people and organisations, one file a verb."""
