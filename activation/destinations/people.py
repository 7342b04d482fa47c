"""How tools that keep persons are told which of them a message is for."""

from activation.exchange import Outgoing, Unsendable


def user_id(item: Outgoing, variable: str | None) -> object:
    """What the tool calls the person of a message: a variable of it, or the person id.

    Raises Unsendable when the message lacks the variable.
    """
    if variable is None:
        return item.message.person_id
    if not item.message.variables.get(variable):
        raise Unsendable(f"no_variable {variable}")
    return item.message.variables[variable]
