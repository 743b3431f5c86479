"""A LoRA of the artist's own: a model learns from pictures and captions (`mint tune`)."""
