"""The calls of a generic destination, and the check of its templates when it is read."""

from typing import Self, get_args

from pydantic import model_validator

from activation.destinations.http.purposes import PurposePlan
from activation.destinations.http.requests import Base
from activation.destinations.http.settings import HttpSettings, PurposeForm
from activation.destinations.kind import Calls, Purpose


def calls(settings: HttpSettings) -> Calls:
    """A call for each purpose that is configured.

    Raises ValueError with the key when a template cannot be read, or uses what is not there.
    """
    base = Base.of(settings)
    forms = _forms(settings)
    most = max((_most_requests(form) for form in forms.values()), default=1)
    return {
        purpose: PurposePlan(form, purpose, base).call(settings, most)
        for purpose, form in forms.items()
    }


class CheckedSettings(HttpSettings):
    """The settings, refused when a template in them does not hold."""

    @model_validator(mode="after")
    def _templates_hold(self) -> Self:
        if not calls(self):
            raise ValueError(f"takes nothing: give one of {', '.join(get_args(Purpose))}")
        return self


def _forms(settings: HttpSettings) -> dict[Purpose, PurposeForm]:
    given: dict[Purpose, PurposeForm | None] = {
        "messages": settings.messages,
        "profiles": settings.profiles,
        "audiences": settings.audiences,
        "suppressions": settings.suppressions,
        "contexts": settings.contexts,
        "actions": settings.actions,
        "erasures": settings.erasures,
    }
    return {purpose: form for purpose, form in given.items() if form}


def _most_requests(form: PurposeForm) -> int:
    removal = form.remove.most_requests if form.remove else 0
    return max(form.most_requests, removal)
