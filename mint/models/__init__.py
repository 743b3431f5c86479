"""A model: found, fingerprinted, and opened once."""
