"""What every row and every verb is made of; no app, no table."""
