"""`python -m lantian` is the same as the `lantian` command."""

from lantian.cli import main

if __name__ == "__main__":
    main()
