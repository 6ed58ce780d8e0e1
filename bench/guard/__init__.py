"""Measure what the guard costs a list of aid requests, for actors who see everything, a third and almost nothing."""
