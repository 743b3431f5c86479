"""A published collection -> a contract on a chain."""
