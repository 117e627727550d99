"""``python -m passbox``: the same as the command ``passbox``."""

from passbox.cli import main

if __name__ == "__main__":
    main()
