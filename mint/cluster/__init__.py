"""Painting on several machines: Ray starts the painters, and this driver alone decides."""
