"""Verbs of the bulletins room: make a circular, put the office's own Word template in place, take it away again."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lantian.bulletins import circular, documents
from lantian.bulletins.models import Bulletin, Template
from lantian.bulletins.rules.figures import Figure, figures_in
from lantian.bulletins.rules.template import Trouble
from lantian.city import clock
from lantian.city.access import scope_of
from lantian.city.models import User
from lantian.kit.errors import DomainError
from lantian.kit.locking import check_repeat
from lantian.plan.models import DispatchRound
from lantian.records.names import clean_name
from lantian.records.services import audit, open_stored, store_file

MAX_LINE = 80


# Templates


def active_template(kind: str = circular.KIND) -> Template | None:
    """Return the office's template in force, or None: then the one that comes with the system is used."""
    return Template.objects.filter(kind=kind, is_active=True).select_related("file").first()


def template_bytes(template: Template | None) -> bytes:
    """Return a template's content (the default's for None). Raises BadFile when the stored file is gone."""
    if template is None:
        return documents.default_template()
    with open_stored(template.file) as file:
        return file.read()


def sample_context() -> dict[str, Any]:
    return circular.context_of(circular.sample())


@transaction.atomic
def upload_template(actor: User, upload: Any) -> Template:
    """Check an uploaded Word template, keep it and put it in force. What was in force stays in the list.

    It must render with invented data, name only what exists, and hold nothing that runs or is fetched from elsewhere.
    Raises NotAllowed, BadFile, DomainError (field "file") that lists every trouble with how to mend it.
    """
    scope_of(actor).require("bulletin.template")
    stored = store_file(upload, purpose="document")
    if stored.mime != documents.DOCX_MIME:
        raise DomainError(_("A template is a Word file (.docx)."), hint=_("Save it as .docx."), field="file")
    with open_stored(stored) as file:
        content = file.read()
    if found := documents.troubles(content, sample_context()):
        raise DomainError("\n".join(words(one) for one in found[:20]), field="file")
    name = clean_name(str(getattr(upload, "name", "") or "template.docx"))
    _retire(circular.KIND)
    made = Template.objects.create(
        kind=circular.KIND, file=stored, name=name, uploaded_by=actor, uploaded_at=clock.now(), is_active=True
    )
    audit(actor, "bulletin.upload_template", made, data={"sha256": stored.sha256})
    return made


def _retire(kind: str) -> None:
    Template.objects.filter(kind=kind, is_active=True).update(is_active=False)


@transaction.atomic
def use_template(actor: User, template: Template | None) -> None:
    """Put a template of the list in force again, or the default (None). Raises NotAllowed, DomainError (it no longer fits)."""
    scope_of(actor).require("bulletin.template")
    before = active_template()
    if template == before:
        return
    if template is not None and (found := documents.troubles(template_bytes(template), sample_context())):
        raise DomainError("\n".join(words(one) for one in found[:20]))
    _retire(circular.KIND)
    if template is not None:
        template.is_active = True
        template.save(update_fields=["is_active"])
    subject = template or before
    assert subject is not None
    changes = {"template": (str(before or "default"), str(template or "default"))}
    audit(actor, "bulletin.use_template", subject, changes=changes)


_WORDS = {
    "damaged": gettext_lazy("The file is no sound Word document (%(what)s): save it again in Word."),
    "too_large": gettext_lazy("The template is larger than %(what)s MB: take out pictures."),
    "bomb": gettext_lazy("The template unpacks to more than %(what)s MB."),
    "entities": gettext_lazy("The template declares XML entities (%(what)s), which Word does not do."),
    "active": gettext_lazy("The template holds macros or embedded objects (%(what)s): take them out."),
    "external": gettext_lazy("The template fetches something from elsewhere (%(what)s): put it into the document itself."),
    "field": gettext_lazy("The template has a field that fetches or runs something (%(what)s): take it out."),
    "syntax": gettext_lazy("An expression cannot be read: %(what)s (near “%(hint)s”)."),
    "unknown": gettext_lazy("“%(what)s” is not known. Near it: %(hint)s."),
    "forbidden": gettext_lazy("“%(what)s” is not allowed in a template: it names values, loops over lists, asks conditions. %(hint)s"),
    "nesting": gettext_lazy("Loops stand at most %(hint)s deep."),
    "not_a_list": gettext_lazy("“%(what)s” is not a list. Lists are: %(hint)s."),
    "unrenderable": gettext_lazy("It fails with invented data: %(what)s"),
}  # fmt: skip


def words(trouble: Trouble) -> str:
    """Return what is wrong with a template and how to mend it."""
    return str(_WORDS[trouble.code]) % {"what": trouble.expression, "hint": trouble.hint or "–"}


# Circulars


def blocked(content: dict[str, Any]) -> list[Figure]:
    """Return the figures that have a reason instead of a number."""
    return [one for one in _printed(content) if one.number is None]


def _printed(content: dict[str, Any]) -> Iterable[Figure]:
    """Every figure that the circular prints: without an earlier round the comparison is left out."""
    for one in figures_in(content):
        if content["has_before"] or not one.name.startswith("moves."):
            yield one


def preview(actor: User, round_: DispatchRound, *, issuer: str = "", number: str = "") -> bytes:
    """Return the Word file as it would be made now, with the template in force; nothing is kept. Raises NotAllowed."""
    scope_of(actor).require("bulletin.make")
    content = circular.compose(round_, issuer=issuer, number=number)
    return documents.render(template_bytes(active_template()), circular.context_of(content))


@transaction.atomic
def make(
    actor: User,
    round_: DispatchRound,
    *,
    issuer: str = "",
    number: str = "",
    print_reasons: bool = False,
    key: str | None = None,
) -> Bulletin:
    """Make a round's circular with the template in force and keep it, with every figure and the anchor of the chain.

    A figure that has a reason instead of a number blocks it unless `print_reasons` says that the reason shall be
    printed. The same `key` again returns the first one. Raises NotAllowed, Conflict, DomainError (fields issuer,
    number, print_reasons).
    """
    scope_of(actor).require("bulletin.make")
    if key and (made := Bulletin.objects.filter(idempotency_key=key).first()):
        check_repeat(made, made_by_id=actor.pk, subject_id=str(round_.pk))
        return made
    for name, text in (("issuer", issuer), ("number", number)):
        if len(text) > MAX_LINE:
            raise DomainError(_("The text is longer than %(n)s characters.") % {"n": MAX_LINE}, field=name)
    # The round stays as it is while its figures are read.
    locked = DispatchRound.objects.select_for_update(of=("self",)).select_related("document").get(pk=round_.pk)
    content = circular.compose(locked, issuer=issuer, number=number)
    lacking = blocked(content)
    if lacking and not print_reasons:
        raise DomainError(
            _("%(n)s figures have no number, for example: %(label)s (%(reason)s).")
            % {"n": len(lacking), "label": lacking[0].label, "reason": lacking[0].reason},
            hint=_("Wait for the reports, or tick that the reasons shall be printed."),
            field="print_reasons",
        )
    return _keep(actor, locked, content, bool(lacking), key)


def _keep(actor: User, round_: DispatchRound, content: dict[str, Any], reasons: bool, key: str | None) -> Bulletin:
    template = active_template()
    document = io.BytesIO(documents.render(template_bytes(template), circular.context_of(content)))
    seq, _colon, digest = content["anchor"].partition(":")
    made = Bulletin.objects.create(
        kind=circular.KIND,
        title=content["title"][:200],
        number=content["number"],
        subject_type="plan.dispatchround",
        subject_id=str(round_.pk),
        file=store_file(document, name="circular.docx", purpose="document"),
        template=template,
        figures=[one.plain() for one in _printed(content)],
        content=content,
        reasons_printed=reasons,
        audit_seq=int(seq),
        audit_hash=digest,
        made_by=actor,
        made_at=clock.now(),
        idempotency_key=key,
    )
    data = {"round": round_.pk, "sha256": made.file_id, "anchor": content["anchor"], "figures": len(made.figures)}
    audit(actor, "bulletin.make", made, data={**data, "reasons_printed": reasons})
    return made
