"""Under which account of the operating system a command runs."""

import os
import pwd


def account() -> str:
    """Return the account's name, or its number where it has none; no variable changes it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
