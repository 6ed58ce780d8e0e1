"""What may happen to incidents: one file a verb."""
