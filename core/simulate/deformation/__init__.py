"""What moves the ground: one model per file."""
