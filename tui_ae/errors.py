"""The one exception whose text is meant for the person at the keyboard."""


class UserError(Exception):
    """Something the user gave can't be used: one sentence with what, where and what to do.

    The command line prints it alone on standard error and exits with code 2.
    """


class InvalidValueError(UserError):
    """A value that a setting or an option can't have.

    The settings name themselves as they are called in Python; who asked for them (a command line, a
    file) says it again in the words that the person used.
    """

    def __init__(self, name: str, value: object, wanted: str) -> None:
        """Refuse `value` for the field `name`; `wanted` says what to do instead."""
        super().__init__(f"{name} {value}: {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted
