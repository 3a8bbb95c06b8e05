"""How the index looks: the steps of colour and name that charts and maps share. Colours are the standard's own."""

from __future__ import annotations

from django.utils.translation import get_language

from lantian.kit.charts import Step
from lantian.standards.levels import Level, levels
from lantian.standards.regimes import Regime


def level_steps(law: Regime) -> tuple[Step, ...]:
    """Return the six levels of a regime's index as steps, best first, named in the present language."""
    return tuple(Step(one.low, one.high, level_name(one), one.hex) for one in levels(law))


def level_name(level: Level) -> str:
    """Return the level's name in the present language (优, Good)."""
    return level.en if get_language() == "en" else level.zh
