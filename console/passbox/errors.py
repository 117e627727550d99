"""What the command line itself refuses; every program has its own tree.

ConsoleError
├── FolderInUse        theirs: `init` never writes into a folder that has something in it
├── ProfileSourceWrong theirs: a profile.toml that cannot become a profile
├── SiteWrong          theirs: a download page that cannot be made as asked for
└── DemoFailed         ours: a program of the demo did not come up or went down
"""


class ConsoleError(Exception):
    """Base; the message is a sentence for the person at the terminal."""


class FolderInUse(ConsoleError):
    """The folder for `init` is not empty."""


class ProfileSourceWrong(ConsoleError):
    """A profile.toml cannot become a profile; the message names the key."""


class SiteWrong(ConsoleError):
    """The download page cannot be made as asked for; the message says what to change."""


class DemoFailed(ConsoleError):
    """A program of the demo did not start, stopped, or did not do its part in time."""
