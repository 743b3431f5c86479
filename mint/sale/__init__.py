"""A sale in phases, its draw, its reveal, and what people do with it."""
