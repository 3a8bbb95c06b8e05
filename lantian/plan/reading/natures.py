"""Does a measure bind, or is it only striven for?

binding   it must happen and can be checked: a word of obligation (必须, 不得, 严禁, 一律, 全部, 杜绝), a deadline or a
          numeric target, and no word that softens it
striving  a softening word governs it: 力争, 争取, 鼓励, 原则上, 引导, 有条件的, 尽量, 倡导
task      a duty without yardstick: 加强…, 开展…, 推进…
"""

from __future__ import annotations

import re

from lantian.plan.reading.model import Nature

_SOFT = re.compile(r"力争|争取(?!性)|鼓励|原则上|(?<!规范)引导|有条件的|尽量|尽可能|倡导|提倡|积极探索|适时|视情")
_HARD = re.compile(
    r"必须|不得|严禁|禁止(?!(?:、|和|或|与)限制|类|性)|一律|全部|坚决|杜绝|严格(?:落实|执行|控制)|不低于|不超过|不高于|(?<![供响相适效反对回呼])应当?(?!急|对|用|届|收|税)|均须|务必|确保|依法(?:予以|依规|严|取缔|处)|严查|严厉|"
    r"全面完成|全覆盖|清零|消除|取缔|关停|约束|逾期"
)


def nature_of(view: str, *, has_deadline: bool, has_target: bool) -> tuple[Nature, tuple[int, int] | None, float]:
    """The nature, the span of the word that decided (relative to `view`), and how sure the reader is."""
    soft = _SOFT.search(view)
    hard = _HARD.search(view)
    if soft:
        # 鼓励…, but 不低于 elsewhere: a mixture that a person should look at.
        return "striving", soft.span(), 0.65 if hard else 0.9
    if hard:
        return "binding", hard.span(), 0.9
    if has_deadline or has_target:
        return "binding", None, 0.8
    return "task", None, 0.85
