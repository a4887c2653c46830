"""Writing the cells that a correction has opened; the triggers refuse every other cell of the sealed month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from gradebook.enums import CorrectionState
from gradebook.models import Correction
from gradebook.selectors.received import correction_cells
from gradebook.services.cells import CellEdit
from gradebook.services.journal import cells_save
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting


@transaction.atomic
def cells_correct(
    *, actor: Acting, correction: Correction, wanted: Mapping[tuple[int, int], str], at: datetime
) -> None:
    """Write opened cells as a teacher types them; all or none (3.8).

    Args:
        actor: the group's teacher.
        correction: an approved one.
        wanted: what is to stand in the cells, by lesson id and enrolment id; cells that are not named stay.
        at: the moment.

    Raises:
        RuleError: what was typed means nothing, on the field of the cell.
        StaleError: the correction is not open any more.
    """
    correction = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("transfer__group__course__programme__host", "transfer__group__course__network")
        .get(pk=correction.pk)
    )
    if correction.state != CorrectionState.APPROVED:
        raise StaleError("Записи этого исправления уже закрыты. Обновите страницу.")
    edits = [
        CellEdit(cell.lesson, cell.enrolment, value, cell.now)
        for cell in correction_cells(correction)
        if (value := wanted.get((cell.lesson, cell.enrolment))) is not None
    ]
    group = correction.transfer.group
    for result in cells_save(actor=actor, group=group, edits=edits, reason=correction.reason, at=at):
        if result.error:
            field = f"cell_{result.edit.lesson}_{result.edit.enrolment}"
            raise RuleError(result.error.message, field=field)
