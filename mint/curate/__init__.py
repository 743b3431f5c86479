"""What is kept, and what is painted again."""
