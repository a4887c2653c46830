"""The machine interface of transfers: a school's own system reads them, a partner's portal delivers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.urls import URLPattern
from django.utils import timezone
from ninja import NinjaAPI, Schema, Status
from ninja.security import HttpBearer

from gradebook.message import RECEIVED, TAKEN
from gradebook.models import ApiKey
from gradebook.selectors.intakes import key_of, kind_of, quarantined, transfers_of_key
from gradebook.selectors.pushes import full_body
from gradebook.services import intakes, receipts, replies
from network_portal.common.errors import RuleError

#: A month of one group is some hundred kilobytes; more than this nobody sends.
MOST_BYTES = 2 * 1024 * 1024
#: Objections to all lines of a large group in long words.
MOST_RECEIPT_BYTES = 256 * 1024
TOO_BIG = "Сообщение слишком велико."


class Key(HttpBearer):
    """The header `Authorization: Bearer …` with the key that the school has issued."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = key_of(token)
        if key is not None:
            intakes.api_key_used(key=key, at=timezone.now())
        return key


class Refusal(Schema):
    """Why a request is refused, in Russian."""

    detail: str


class Unfit(Schema):
    """What does not fit in a request: in Russian what the message lacks, or a list of parameters."""

    detail: Any


class TransferSummary(Schema):
    """A transfer without personal data; a reading key opens the whole of it by its id."""

    id: int
    number: int
    version: int
    year: int
    month: int
    host: str
    sha256: str


class Taken(Schema):
    """What became of a package: `state` is taken, partial (some lines wait in quarantine) or refused with a reason."""

    id: int
    state: str
    reason: str
    quarantined: int
    repeated: bool


class Heard(Schema):
    """What became of a receipt or an objection: the state of the transfer, and whether it had been so before."""

    state: str
    repeated: bool


class Answered(Schema):
    """An answer to an objection was taken; `repeated` when it had come before."""

    repeated: bool


api = NinjaAPI(
    title="Ведомости сетевых групп",
    version="1",
    description=(
        "Чтение ведомостей своей школы, приём ведомостей от портала принимающей школы, подтверждений и возражений "
        "от портала школы обучающихся. Ключ выдаёт школа на странице «Внешние системы». Сообщения подписываются "
        "по правилам Standard Webhooks."
    ),
    auth=Key(),
    docs_url=None,
    urls_namespace="api",
)


def _signed(schema: dict[str, Any], about: str) -> dict[str, Any]:
    """Return how the interface describes a signed message."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema}},
            "description": about,
        },
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
    }


@api.get(
    "/transfers",
    response={200: list[TransferSummary], 401: Refusal, 403: Refusal, 422: Any},
    url_name="transfers",
    summary="Ведомости, которые пришли школе",
)
def transfers(request: HttpRequest, year: int | None = None, month: int | None = None) -> Any:
    found = transfers_of_key(_reading(request))
    if year is not None:
        found = found.filter(year=_small(year))
    if month is not None:
        found = found.filter(month=_small(month))
    return [
        TransferSummary(
            id=one.pk,
            number=one.document.number or 0,
            version=one.version,
            year=one.year,
            month=one.month,
            host=one.host.short_name,
            sha256=one.sha256,
        )
        for one in found.defer("payload").order_by("pk")[:1000]
    ]


@api.get(
    "/transfers/{transfer_id}",
    response={200: Any, 401: Refusal, 403: Refusal, 404: Refusal, 422: Any},
    url_name="transfer",
    summary="Ведомость целиком, с запечатанными сведениями",
)
def transfer(request: HttpRequest, transfer_id: int) -> Any:
    one = transfers_of_key(_reading(request)).filter(pk=_small(transfer_id)).first()
    if one is None:
        return Status(404, Refusal(detail="Такой ведомости у школы нет."))
    return HttpResponse(full_body(one), content_type="application/json")


@api.post(
    "/transfers",
    response={
        200: Taken | Answered,
        201: Taken | Answered,
        401: Refusal,
        403: Taken | Refusal,
        404: Refusal,
        409: Refusal,
        413: Refusal,
        422: Refusal,
    },
    url_name="transfer_receive",
    summary="Принять ведомость или ответ на возражение от портала принимающей школы",
    openapi_extra=_signed(
        TAKEN, "Сообщение transfer.sealed с ведомостью целиком или dispute.rejected с ответом на возражение."
    ),
)
def transfer_receive(request: HttpRequest) -> Any:
    key: ApiKey = request.auth  # type: ignore[attr-defined]  # set by the authentication above
    if key.partner_id is None:
        return Status(403, Refusal(detail="Этот ключ только читает ведомости."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return Status(413, Refusal(detail=TOO_BIG))
    headers, body, now = _names_in_lower_case(request), _body(request), timezone.now()
    try:
        if kind_of(body) == "dispute.rejected":
            _, new = replies.answer_take(key=key, headers=headers, body=body, at=now)
            return Status(201 if new else 200, Answered(repeated=not new))
        intake, new = intakes.intake_take(key=key, headers=headers, body=body, at=now)
    except RuleError as error:
        return Status(error.status, Refusal(detail=error.message))
    taken = Taken(
        id=intake.pk,
        state=intake.state,
        reason=intake.reason,
        quarantined=quarantined(intake),
        repeated=not new,
    )
    return Status(403 if intake.reason else 201 if new else 200, taken)


@api.post(
    "/receipts/{home_id}",
    auth=None,
    response={200: Heard, 201: Heard, 401: Refusal, 404: Refusal, 409: Refusal, 413: Refusal, 422: Unfit},
    url_name="receipt_receive",
    summary="Принять от портала школы обучающихся подтверждение или возражения",
    openapi_extra=_signed(
        RECEIVED,
        "Сообщение transfer.acknowledged или transfer.disputed. Подписано ключом, которым подписана ведомость; адрес "
        "назван в ней самой: receipt_url.",
    ),
)
def receipt_receive(request: HttpRequest, home_id: int) -> Any:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_RECEIPT_BYTES:
        return Status(413, Refusal(detail=TOO_BIG))
    try:
        transfer, new = receipts.receipt_take(
            home_id=_small(home_id), headers=_names_in_lower_case(request), body=_body(request), at=timezone.now()
        )
    except RuleError as error:
        status = 422 if error.status == RuleError.status else error.status
        return Status(status, Unfit(detail=error.message) if status == 422 else Refusal(detail=error.message))
    return Status(201 if new else 200, Heard(state=transfer.state, repeated=not new))


def _names_in_lower_case(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _body(request: HttpRequest) -> bytes:
    """Return the bytes as they came; none of a form that was read as such, for instance with a browser's session."""
    try:
        return request.body
    except RawPostDataException:
        return b""


class _WrongKeyError(Exception):
    """A key that delivers was used for reading."""


@api.exception_handler(_WrongKeyError)
def _wrong_key(request: HttpRequest, error: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": "Этот ключ только передаёт ведомости."}, status=403)


def _reading(request: HttpRequest) -> ApiKey:
    key: ApiKey = request.auth  # type: ignore[attr-defined]  # set by the authentication of the interface
    if key.partner_id is not None:
        raise _WrongKeyError
    return key


def _small(number: int) -> int:
    """Return the number, or one that nothing has where the database could not hold it."""
    return number if 0 <= number < 2**31 else -1


def _public(patterns: list[Any]) -> list[URLPattern]:
    """Let the addresses answer by themselves: programs show a key, not a session; the root describes the interface."""
    by_name = {pattern.name: pattern for pattern in patterns}
    by_name["api-root"].callback = by_name["openapi-json"].callback
    for pattern in patterns:
        callback: Callable[..., HttpResponse] = pattern.callback
        pattern.callback = login_not_required(callback)
    return patterns


_patterns, _app_name, _namespace = api.urls
urls = (_public(_patterns), _app_name, _namespace)
