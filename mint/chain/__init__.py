"""The chain: networks, keys, the transaction journal, and the contract's verbs."""
