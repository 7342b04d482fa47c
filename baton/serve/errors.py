"""Answers to what goes wrong: JSON in one shape for programs, a plain page for people."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from baton.errors import Busy
from baton.serve import pages
from baton.serve.patience import RETRY_AFTER_SECONDS
from baton.serve.texts import Texts

_NOT_FOUND = 404
_NOTHING = "there is no such thing here"
_TOLD = {
    400: ("bad_request", "the request cannot be understood"),
    404: ("not_found", _NOTHING),
    405: ("method_not_allowed", "this address takes another method"),
    408: ("timeout", "the request did not arrive in time"),
    413: ("too_large", "the body is larger than any that is understood here"),
}


def problem(status: int, code: str, message: str) -> JSONResponse:
    """An error as every route for programs words it."""
    return JSONResponse({"error": {"code": code, "message": message}}, status)


class Problems:
    """The handlers of the application."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    async def http(self, request: Request, error: Exception) -> Response:
        """What the routing refuses."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        if _is_for_programs(request):
            return problem(status, *_TOLD.get(status, ("error", _NOTHING)))
        locale, text = self._texts.choose(request.headers.get("accept-language", ""))
        what = text.not_found if status == _NOT_FOUND else text.not_understood
        return pages.plain(what, text, locale, status)

    async def busy(self, request: Request, error: Exception) -> Response:
        """The journal stayed locked or full: nothing is recorded, the client should try again."""
        locale, text = self._texts.choose(request.headers.get("accept-language", ""))
        if _is_for_programs(request):
            answer: Response = problem(503, "busy", f"{_what(error)}: try again")
        else:
            answer = pages.plain(text.busy, text, locale, 503)
        answer.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        return answer

    async def failed(self, request: Request, _error: Exception) -> Response:
        """A fault of ours. This is answered outside of what sets the headers elsewhere."""
        locale, text = self._texts.choose(request.headers.get("accept-language", ""))
        if _is_for_programs(request):
            answer: Response = problem(500, "internal", "something went wrong here")
        else:
            answer = pages.plain(text.failed, text, locale, 500)
        answer.headers.update(pages.HEADERS)
        return answer


def _what(error: Exception) -> str:
    return error.what if isinstance(error, Busy) else "the journal is locked"


def _is_for_programs(request: Request) -> bool:
    return request.url.path.startswith(("/v1/", "/receipts/", "/healthz"))
