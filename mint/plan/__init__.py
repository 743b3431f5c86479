"""Collection -> what each token will be, before a pixel is painted."""
