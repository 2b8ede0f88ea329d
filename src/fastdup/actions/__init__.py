"""What to do about copies: which one to keep, the plan, doing it, and undoing it."""
