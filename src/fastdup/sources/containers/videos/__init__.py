"""Frames of videos as images: listed and decoded where they are, never written to disk."""
