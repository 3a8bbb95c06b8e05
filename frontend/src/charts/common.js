// What all kinds of charts have in common: tooltip, legend, scale of colours, letters.
import { shadeAt } from "./looks.js";
import { shown, stepOf } from "./words.js";

export const letters = (looks, size = 12) => ({ fontFamily: looks.font, color: looks.ink, fontSize: size });

// `words(item)` returns lines of text. They become an element with a class: a text with styles of its own would not pass the
// content-security policy, and one on the canvas does not wrap on a phone.
export function tooltip(looks, words, extra) {
  return {
    trigger: "item",
    confine: true,
    transitionDuration: 0,
    backgroundColor: looks.ground,
    borderColor: looks.line,
    borderWidth: 1,
    textStyle: letters(looks, 12),
    formatter: (item) => {
      const element = document.createElement("div");
      element.className = "lt-chart-tip";
      element.textContent = words(item);
      return element;
    },
    ...extra,
  };
}

export function legend(chart, looks, box) {
  return {
    show: chart.series.length > 1,
    type: "plain",
    top: box.top,
    left: 8,
    right: 8,
    itemWidth: 28,
    itemHeight: 10,
    textStyle: letters(looks, 12),
    inactiveColor: looks.soft,
  };
}

// How many rows of letters the legend takes: it wraps, and the drawing begins below it.
export function legendHeight(chart, width) {
  if (chart.series.length < 2) return 8;
  let rows = 1;
  let used = 0;
  for (const one of chart.series) {
    const wide = 52 + [...one.name].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 255 ? 12 : 7), 0);
    if (used && used + wide > width - 16) {
      rows += 1;
      used = 0;
    }
    used += wide;
  }
  return 12 + rows * 24;
}

// How much the scale of colours takes below the drawing. Of steps with names the page itself shows the key (it wraps on a
// phone, prints, and is there without this script); a picture carries it inside.
export const scaleHeight = (chart, box) => (chart.steps && !box.picture ? 4 : chart.steps ? 34 : 40);

// Steps with names where the chart has them, else a shade from the lowest to the highest value.
export function scale(chart, looks, box, extra) {
  const base = { show: !chart.steps || box.picture === true, textStyle: letters(looks, 11), itemGap: 8, orient: "horizontal", left: "center", bottom: box.bottom + 2, ...extra };
  if (chart.steps) {
    return {
      ...base,
      type: "piecewise",
      itemWidth: 16,
      itemHeight: 12,
      outOfRange: { color: looks.none },
      pieces: chart.steps.map((step) => ({ gte: step.low, lte: step.high, color: step.colour, label: `${step.label} ${range(step)}` })),
    };
  }
  const decimals = chart.series[0].decimals;
  const { low, high } = ends(chart);
  return {
    ...base,
    type: "continuous",
    min: low,
    max: high > low ? high : low + 1,
    calculable: false,
    itemWidth: 12,
    itemHeight: 120,
    text: [shown(high, decimals), shown(low, decimals)],
    inRange: { color: looks.shades },
  };
}

function ends(chart) {
  const numbers = chart.series.flatMap((one) => one.values).filter((value) => value !== null);
  return { low: numbers.reduce((a, b) => Math.min(a, b), Infinity), high: numbers.reduce((a, b) => Math.max(a, b), -Infinity) };
}

// What colours a cell: its step, or its shade between the lowest and the highest value (the same as `scale` gives).
export function colourOf(chart, looks) {
  if (chart.steps) return (value) => stepOf(chart, value)?.colour;
  const { low, high } = ends(chart);
  return (value) => shadeAt(looks.shades, (value - low) / (high > low ? high - low : 1));
}

function range(step) {
  return step.high >= 1e6 ? `≥ ${step.low}` : `${step.low}–${step.high}`;
}
