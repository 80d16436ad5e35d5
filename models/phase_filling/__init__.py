"""Fills gaps of wrapped phase: fringes first, then the phase along them."""
