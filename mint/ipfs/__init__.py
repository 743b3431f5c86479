"""IPFS: blocks and CIDs, folders of any size, one CAR; written and read. No network."""
