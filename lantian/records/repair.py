"""After tampering: seal the head anew, so that work can go on, with an entry that says what was found."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lantian.kit.errors import DomainError, Unlawful
from lantian.records import guards
from lantian.records.chain import GENESIS, append, head_seal
from lantian.records.models import AuditEntry, AuditHead
from lantian.records.verify import RESEAL, verify_chain

_LISTED = 50


@transaction.atomic
def reseal(reason: str) -> AuditEntry:
    """Seal the head at the last entry and append "audit.reseal" with the faults found. Nothing is repaired or hidden.

    Raises DomainError without a reason, Unlawful when the chain is whole.
    """
    if not reason.strip():
        raise DomainError(_("Say what happened and who examined it."), field="reason")
    result = verify_chain()
    if result.ok:
        raise Unlawful(_("The chain is intact: there is nothing to seal anew."))
    head = AuditHead.objects.select_for_update().first()
    sealed = head is not None and head.seal == head_seal(head.seq, head.hash)
    last = AuditEntry.objects.aggregate(last=Max("seq"))["last"] or 0
    if head is None or not sealed or head.seq < last:
        guards.remove(connection)
        head = _head_at(last)
        guards.install(connection)
    faults = [fault.as_json() for fault in result.faults[:_LISTED]]
    data = {"faults": faults, "more": result.more + max(0, len(result.faults) - _LISTED), "head_before": result.head}
    return append(actor=None, action=RESEAL, target=head, changes={}, reason=reason.strip(), data=data)


def _head_at(seq: int) -> AuditHead:
    """Set the head to the last entry; a head that points further is left alone, so that a cut tail stays visible."""
    hash_ = AuditEntry.objects.filter(seq=seq).values_list("hash", flat=True).first() or GENESIS
    head, _created = AuditHead.objects.update_or_create(
        pk=1, defaults={"seq": seq, "hash": hash_, "seal": head_seal(seq, hash_)}
    )
    return head
