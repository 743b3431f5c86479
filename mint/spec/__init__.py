"""collection.yaml -> Collection, or an error with its line and remedy."""
