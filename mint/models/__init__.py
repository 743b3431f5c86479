"""A model's name -> its files, their fingerprint, and the model in memory."""
