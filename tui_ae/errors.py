"""The one exception whose text is meant for the person at the keyboard."""


class UserError(Exception):
    """Something the user gave can't be used: one sentence with what, where and what to do.

    The command line prints it alone on standard error and exits with code 2.
    """
