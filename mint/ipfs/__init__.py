"""IPFS: blocks and CIDs, one CAR, pinning it, reading it back."""
