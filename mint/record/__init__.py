"""What is written down: metadata, rarity, provenance, the manifest, the folders."""
