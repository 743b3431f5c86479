"""Manifest -> one self-contained HTML page."""
