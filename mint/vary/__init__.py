"""Further pictures of a token to choose from: variations of one, mixtures of two."""
