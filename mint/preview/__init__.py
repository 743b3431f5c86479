"""The report and the collection's ipfs:// paths, served on this machine only."""
