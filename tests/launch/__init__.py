"""A launch on a real chain."""
