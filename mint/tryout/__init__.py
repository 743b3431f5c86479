"""`mint try`: a small sheet of a collection in several looks, for an artist to choose from."""
