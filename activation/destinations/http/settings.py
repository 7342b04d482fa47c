"""The keys of `type: http` in destinations.yml; strings marked template may hold `{{ … }}`."""

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, model_validator

from activation.destinations.http.auth import Auth, NoAuth
from activation.destinations.settings import LimitOverride, Settings
from activation.exchange import Limit, Outcome
from baton.journal.rules import RetryClass

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Scalar = str | int | float | bool
StatusClass = Literal["2xx", "3xx", "4xx", "5xx"]
Statuses = list[Annotated[int, Field(ge=100, le=599)] | StatusClass]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_LEAST = Limit(rate=1, per_seconds=1, concurrency=4)
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,60}$")]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestForm(_Keys):
    """A request: at most one of `json`, `form` and `text` is its body.

    `url` (template) goes on from `base_url`; headers, `form` and `text` are templates, `json` is a
    structure whose strings are.
    """

    method: Method = "POST"
    url: str = Field(pattern="^/")
    headers: dict[str, str] = {}
    json_body: Any = Field(default=None, alias="json")
    form: dict[str, Any] | None = None
    text: str | None = None
    content_type: str | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [body for body in (self.json_body, self.form, self.text) if body is not None]
        if len(given) > 1:
            raise ValueError("give one of json, form and text")
        return self


class Check(_Keys):
    """Holds when the value at `path` of the answer is one of `is`, as text; or simply is there."""

    path: str
    values: list[Scalar] | None = Field(default=None, alias="is")


class Creation(RequestForm):
    """What makes a thing that was looked for; `id` is the path of its id in the answer."""

    id: str


class LookUp(_Keys):
    """A question before the write, `name` is what templates call its answer.

    `found` is the path of the id in the answer: nothing, null or empty there means absent, and so
    does a status of `absent`. `read` names more values to keep (a path, or `header:<name>`). With
    `create` an absent thing is made, with `required` its absence rejects the item: both are about
    what the item hangs on. Without them it is about the item itself. Where `ok` does not hold, the
    item is tried again later.
    """

    name: Name
    request: RequestForm
    found: str
    read: dict[Name, str] = {}
    absent: Statuses = [404]
    ok: Check | None = None
    create: Creation | None = None
    required: bool = False

    @property
    def is_of_the_item(self) -> bool:
        """Whether it asks for the item, not for what it hangs on."""
        return self.create is None and not self.required


class Write(_Keys):
    """How one operation is told: look-ups in order, then a request.

    `if_found` is sent instead when every look-up for the item itself has found; `accept` sends
    nothing: the tool already holds what it should.
    """

    look_up: list[LookUp] = []
    request: RequestForm | Literal["accept"]
    if_found: RequestForm | Literal["accept"] | None = None

    @model_validator(mode="after")
    def _order(self) -> Self:
        of_item = [step.is_of_the_item for step in self.look_up]
        if of_item != sorted(of_item):
            raise ValueError("look up what the item hangs on before the item itself")
        if any(of_item) != (self.if_found is not None):
            raise ValueError("a look-up for the item itself and if_found belong together")
        if self.request == "accept" and not self.look_up:
            raise ValueError("without a look-up there must be a request")
        return self

    @property
    def most_requests(self) -> int:
        """How many requests one item takes at most."""
        return 1 + len(self.look_up) + sum(step.create is not None for step in self.look_up)


class Wait(_Keys):
    """Where an answer says how long to wait, besides the header Retry-After."""

    path: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


class Results(_Keys):
    """Verdicts per item, in the list at `path`.

    An entry is known by its place in the list (`by: order`), by the item's position in the request
    (`by: index`, at `field`), or by a value (`by: key`, at `field`) equal to the template `key`.
    `lists: failed` means that only failed items are listed.
    """

    path: str
    by: Literal["order", "index", "key"] = "order"
    field: str | None = None
    key: str = "{{ item_id }}"
    lists: Literal["all", "failed"] = "all"
    ok: Check | None = None
    code: str | None = None
    provider_id: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by == "order") != (self.field is None):
            raise ValueError("by: index and by: key need field, by: order takes none")
        if self.lists == "failed" and self.by == "order":
            raise ValueError("a list of failed items alone cannot go by order")
        return self


class Answer(_Keys):
    """How an answer is read. A status named by number goes before its class (`4xx`).

    What is in no list is rejected. `disable` switches the destination off and keeps what waits;
    a list that names a status as closely, or a known code, goes before it. `codes` says what the
    tool's codes (at `code`) mean; only codes named here are ever recorded. `ok` finds errors inside
    an accepted status.
    """

    accepted: Statuses = ["2xx"]
    throttled: Statuses = [429]
    not_sent: Statuses = []
    ambiguous: Statuses = [408, "5xx"]
    disable: Statuses = [401, 403]
    ok: Check | None = None
    code: str | None = None
    codes: dict[Code, Outcome] = {}
    wait: Wait | None = None
    provider_id: str | None = None
    results: Results | None = None


class JobForm(_Keys):
    """Accepted is not applied: `request` (with `{{ job_id }}`) asks until `done` or `failed`."""

    id: str
    request: RequestForm
    done: Check
    failed: Check | None = None
    results: Results | None = None


class Reconcile(_Keys):
    """Class X: how to ask, after an attempt in doubt, whether the item has arrived."""

    request: RequestForm
    found: str
    absent: Statuses = [404]


class PurposeForm(Write):
    """How one purpose is served. `remove` is for removals, where they need another request.

    A request carries one item; with `batch` it carries more: `item` is rendered for each, and
    `{{ items }}` is their list.
    """

    retry_class: RetryClass = "X"
    batch: int = Field(default=1, ge=1)
    item: Any = None
    remove: Write | None = None
    answer: Answer = Answer()
    job: JobForm | None = None
    reconcile: Reconcile | None = None
    source: str = "destinations.yml"

    @model_validator(mode="after")
    def _batch_fits(self) -> Self:
        if (self.batch > 1) != (self.item is not None):
            raise ValueError("batch over 1 and item belong together")
        if self.batch > 1 and (self.look_up or (self.remove and self.remove.look_up)):
            raise ValueError("look-ups are for single items: leave batch out")
        if self.batch > 1 and self.reconcile:
            raise ValueError("reconcile is for single items: leave batch out")
        return self


class HttpLimit(LimitOverride):
    """What the tool allows; requests of look-ups are counted in."""

    rate: float | None = Field(gt=0)
    per_seconds: float | None = Field(gt=0)
    daily: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _is_given(self) -> Self:
        if self.rate is None or self.per_seconds is None:
            raise ValueError("give rate and per_seconds")
        return self

    def over(self, default: Limit) -> Limit:
        """The default: it is made of these keys."""
        return default

    def for_items(self, requests: int) -> Limit:
        """How many items that is, when one takes so many requests."""
        whole = super().over(_LEAST)
        daily = self.daily // requests if self.daily else None
        more = tuple(replace(window, rate=window.rate / requests) for window in whole.more)
        return replace(whole, rate=whole.rate / requests, daily=daily, more=more)


class HttpSettings(Settings):
    """A tool that is connected by configuration alone."""

    type: Literal["http"]
    base_url: HttpUrl
    auth: Auth = NoAuth()
    headers: dict[str, str] = Field(default={}, repr=False)
    limit: HttpLimit  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]
    messages: PurposeForm | None = Field(default=None, repr=False)
    profiles: PurposeForm | None = Field(default=None, repr=False)
    audiences: PurposeForm | None = Field(default=None, repr=False)
    suppressions: PurposeForm | None = Field(default=None, repr=False)
    contexts: PurposeForm | None = Field(default=None, repr=False)
    actions: PurposeForm | None = Field(default=None, repr=False)
    erasures: PurposeForm | None = Field(default=None, repr=False)
