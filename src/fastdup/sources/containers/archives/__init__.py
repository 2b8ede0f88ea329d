"""Images inside archives: listed and read where they are, never unpacked to disk."""
