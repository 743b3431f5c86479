"""Each claim against the world: files, CIDs, chain, pixels."""
