"""Hand-entered values by workbook: a template out, the filled-in sheet looked at row by row, then applied."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import openpyxl
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from lantian.city.models import Place, User
from lantian.indicators import period as periods
from lantian.indicators.context import Context
from lantian.indicators.models import Entry
from lantian.indicators.period import Period, PeriodError
from lantian.indicators.registry import Indicator
from lantian.indicators.services import Statement, correct_value, enter_value
from lantian.kit.errors import Conflict, DomainError
from lantian.kit.export import to_xlsx
from lantian.kit.ooxml import ContainerError, Limits, check

KEY = "key"
MAX_ROWS = 3000
_LIMITS = Limits(size=2 * 1024 * 1024, unpacked=60 * 1024 * 1024)
_SALT = "lantian.indicators.sheet"
_HOURS = 2 * 3600
_KEY_AT, _VALUE_AT, _N_AT, _EXPECTED_AT, _NOTE_AT = 0, 6, 7, 8, 9


@dataclass
class SheetRow:
    """One row of a filled-in sheet: what it says, what would happen ("enter", "correct", "same"), or why it cannot."""

    number: int
    key: str
    value: str
    n: str = ""
    n_expected: str = ""
    note: str = ""
    title: str = ""
    place: str = ""
    period: str = ""
    action: str = ""
    before: Decimal | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.reasons


def template(wanted: Iterable[tuple[Indicator, Place]], period: Period, context: Context) -> bytes:
    """Return a workbook with one row per indicator and place for a period; "value", n and note are to be filled in."""
    header = [
        KEY, _("Indicator"), _("Place"), _("Period"), _("Unit"), _("Present value"), _("Value"), _("n"),
        _("Expected n"), _("Note"),
    ]  # fmt: skip
    rows = []
    for one, place in wanted:
        entry = _present(one.code, place.pk, period, context)
        rows.append(
            [f"{one.code}|{place.code}|{period.code}", str(one.title), str(place), period.code, one.unit,
             entry.value if entry else None, None, None, None, None]
        )  # fmt: skip
    notes = [
        _("Fill in the value, n (what stands behind it), the expected n and a note. Leave the key as it is."),
        _("Rows without a value are skipped. A value that differs from the present one corrects it."),
    ]
    return to_xlsx(header, rows, sheet=period.code, notes=notes)


def _present(code: str, place_id: int, period: Period, context: Context) -> Entry | None:
    """The standing value of exactly this period."""
    exact = (period.start, period.end)
    rows = context.entries(code, period)
    return next((e for e in rows if e.place_id == place_id and (e.period_from, e.period_to) == exact), None)


def read(upload: Any) -> list[SheetRow]:
    """Return the rows with a value. Raises DomainError (field "sheet") for what is no filled-in template."""
    upload.seek(0)
    content = upload.read(_LIMITS.size + 1)
    try:
        check(content, _LIMITS)
    except ContainerError as error:
        large = error.code in ("bomb", "too_large")
        message = _("The workbook is too large when unpacked.") if large else _("This is no Excel workbook (.xlsx).")
        raise _refused(message) from error
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            return list(_rows(book.worksheets[0] if book.worksheets else None))
        finally:
            book.close()
    except DomainError:
        raise
    except Exception as error:  # the library fails in many ways on a damaged file; each means the same here
        raise _refused(_("This is no Excel workbook (.xlsx).")) from error


def _refused(message: str) -> DomainError:
    return DomainError(message, hint=_("Download the template, fill it in and send it back."), field="sheet")


def _rows(page: Any) -> Iterator[SheetRow]:
    cells = page.iter_rows(values_only=True, max_col=10) if page is not None else iter(())
    head = next(cells, None)
    if not head or str(head[0]).strip().lower() != KEY:
        raise _refused(_("The first column of the sheet must be “key”."))
    for number, row in enumerate(cells, start=2):
        if number > MAX_ROWS + 1:
            raise _refused(_("The sheet has more than %(n)s rows.") % {"n": MAX_ROWS})
        texts = [_text(cell) for cell in (*row, *[None] * (10 - len(row)))]
        if texts[_KEY_AT].count("|") == 2 and texts[_VALUE_AT]:
            yield SheetRow(number, texts[_KEY_AT], texts[_VALUE_AT], texts[_N_AT], texts[_EXPECTED_AT], texts[_NOTE_AT])


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()[:1000]


def preview(actor: User, rows: Sequence[SheetRow], context: Context) -> list[SheetRow]:
    """Try every row and take everything back: each row then says what it would do, or why it cannot."""
    with transaction.atomic():
        for row in rows:
            _try(actor, row, context, key=None)
        transaction.set_rollback(True)
    return list(rows)


@transaction.atomic
def apply(actor: User, rows: Sequence[SheetRow], context: Context, *, key: str) -> list[SheetRow]:
    """Enter and correct what is in order; rows that are not keep their reasons. The same key again changes nothing."""
    for row in rows:
        row.reasons, row.action = [], ""
        _try(actor, row, context, key=f"{key}:{row.number}")
    return list(rows)


def _try(actor: User, row: SheetRow, context: Context, *, key: str | None) -> None:
    try:
        with transaction.atomic():
            _take(actor, row, context, key)
    except DomainError as refused:
        row.reasons.append(str(refused))


def _take(actor: User, row: SheetRow, context: Context, key: str | None) -> None:
    from lantian.indicators.queries import find

    code, place_code, period_code = row.key.split("|")
    one, place = find(code, context), _places(context).get(place_code)
    row.title, row.place, row.period = str(one.title if one else code), str(place or place_code), period_code
    if one is None or place is None:
        raise DomainError(_("The key “%(key)s” names no indicator or place.") % {"key": row.key[:60]})
    said = Statement(
        _number(row.value), n=_count(row.n, "n"), n_expected=_count(row.n_expected, "n_expected"), note=row.note
    )
    period = _parse(period_code, context)
    if key and (done := Entry.objects.filter(idempotency_key=key, entered_by=actor).first()):
        row.action = "correct" if done.corrects_id else "enter"
        return
    head = _present_now(code, place, period)
    row.before = head.value if head else None
    if head is None:
        row.action = "enter"
        enter_value(actor, code, place, period, said, key=key, context=context)
    elif (head.value, head.n, head.n_expected) == (said.value, said.n, said.n_expected):
        row.action = "same"
    else:
        row.action = "correct"
        correct_value(actor, head, said, reason=said.note or _("by workbook"), key=key, context=context)


def _places(context: Context) -> dict[str, Place]:
    return context.memo(
        "places by code", lambda: {place.code: place for place in (context.city, *context.areas) if place}
    )


def _parse(text: str, context: Context) -> Period:
    try:
        return periods.parse(text, context.season)
    except PeriodError as error:
        raise DomainError(_("“%(text)s” is no period.") % {"text": text[:40]}) from error


def _present_now(code: str, place: Place, period: Period) -> Entry | None:
    rows = Entry.objects.as_known_at().standing()
    exact = rows.filter(indicator=code, place=place, period_from=period.start, period_to=period.end)
    return exact.select_related("place").first()


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation as error:
        raise DomainError(_("“%(text)s” is no number.") % {"text": text[:40]}, field="value") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
        raise DomainError(_("“%(text)s” is no number that can be kept.") % {"text": text[:40]}, field="value")
    return round(number, 6)


def _count(text: str, name: str) -> int | None:
    if not text:
        return None
    number = _number(text)
    if number != number.to_integral_value() or not 0 <= number < 2**31:
        raise DomainError(_("“%(text)s” is no count.") % {"text": text[:40]}, field=name)
    return int(number)


def seal(rows: Sequence[SheetRow], actor: User) -> str:
    """Return the rows in a form that a page can carry and nobody can change."""
    plain = [[row.number, row.key, row.value, row.n, row.n_expected, row.note] for row in rows if row.ok]
    return signing.dumps([actor.pk, plain], salt=_SALT, compress=True)


def unseal(text: str, actor: User) -> list[SheetRow]:
    """Return the rows of `seal`. Raises Conflict when they are too old, changed, or somebody else's."""
    try:
        owner, plain = signing.loads(text, salt=_SALT, max_age=_HOURS)
    except signing.BadSignature as error:
        raise Conflict(_("This preview is too old or was changed."), hint=_("Send the workbook again.")) from error
    if owner != actor.pk:
        raise Conflict(_("This preview belongs to somebody else."), hint=_("Send the workbook again."))
    return [SheetRow(*row) for row in plain]
