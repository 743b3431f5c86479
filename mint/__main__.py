"""`python -m mint`: the same as the `mint` command."""

from mint.cli import main

main()
