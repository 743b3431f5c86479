"""From one collection.yaml to a painted, pinned, minted and provable NFT collection."""
