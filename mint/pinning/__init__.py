"""Services that keep a collection on IPFS, and reading back from them."""
