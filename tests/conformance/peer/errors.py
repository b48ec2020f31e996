"""How a case ends other than by returning."""


class Failure(Exception):
    """The target did not do what the case expects."""


class Skip(Exception):
    """The case cannot be run here; str() is the reason."""
