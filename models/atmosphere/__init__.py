"""The atmosphere in an unwrapped interferogram, as far as a plane and the height of the ground do not explain it."""
