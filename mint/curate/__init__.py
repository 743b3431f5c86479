"""Which pictures are accepted, and which are painted again."""
