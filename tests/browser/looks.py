"""How a page looks, measured in the browser: does it overflow, can its words be read, does the keyboard show its place."""

from __future__ import annotations

from typing import Any

# The ratio between the colours of every visible word and its ground (WCAG 2.2, 1.4.3), colours painted to read them.
_CONTRAST = """() => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const brush = canvas.getContext("2d", {willReadFrequently: true});
  const read = (css) => {
    brush.clearRect(0, 0, 1, 1); brush.fillStyle = css; brush.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const faults = new Set(), seen = new Set();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || seen.has(element)) continue;
    seen.add(element);
    if (!element.offsetParent || element.closest(".visually-hidden, .lt-skip, svg, option, [disabled]")) continue;
    const style = getComputedStyle(element), below = ground(element);
    const [a, b] = [light(over(read(style.color), below)), light(below)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      faults.add(`${ratio.toFixed(2)} ${element.tagName}.${element.className}: ${words.currentNode.data.trim().slice(0, 20)}`);
  }
  return [...faults];
}"""


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than the window (0: it fits)."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def no_overflow(page: Any) -> None:
    assert overflow(page) <= 0, page.url


def hard_to_read(page: Any) -> list[str]:
    """Return the visible words whose contrast is below 4.5 : 1 (large ones: 3 : 1), with their ratio."""
    found: list[str] = page.evaluate(_CONTRAST)
    return found


def focus_is_seen(page: Any) -> bool:
    """Tell whether the element that has the focus is outlined, or its box is."""
    return bool(
        page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'; }"
        )
    )
