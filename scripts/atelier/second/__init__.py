"""The second edition of the pictures: more to ask for, drawn like screen-prints."""
