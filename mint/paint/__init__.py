"""Recipes -> pictures."""
