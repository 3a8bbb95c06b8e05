// What is said about a value: the same words in the tooltip, to the screen reader and in the table.
export function shown(value, decimals) {
  if (value === null || value === undefined) return "–";
  return typeof decimals === "number" ? value.toFixed(decimals) : String(value);
}

export function stepOf(chart, value) {
  if (value === null || value === undefined) return undefined;
  return chart.steps?.find((step) => value >= step.low && value <= step.high);
}

function boxLine(chart, series, box) {
  const names = [chart.words.low, chart.words.lower, chart.words.median, chart.words.upper, chart.words.high];
  return names.map((name, at) => `${name} ${shown(box[at], series.decimals)}`).join(" · ");
}

// One line about the value of a series at a place of x.
export function lineOf(chart, series, at) {
  const value = series.values[at];
  if (value === null || value === undefined) return `${series.name}: ${chart.words.none}`;
  const figure = Array.isArray(value) ? boxLine(chart, series, value) : shown(value, series.decimals);
  const parts = [`${series.name}: ${figure}${series.unit ? ` ${series.unit}` : ""}`];
  const step = Array.isArray(value) ? undefined : stepOf(chart, value);
  if (step) parts.push(step.label);
  if (series.texts?.[at] && series.texts[at] !== step?.label) parts.push(series.texts[at]);
  if (series.n && series.n[at] !== null) parts.push(`n = ${series.n[at]}`);
  return parts.join(" · ");
}

export const linesAt = (chart, at) => [chart.x[at], ...chart.series.map((series) => lineOf(chart, series, at))].join("\n");

export const cellLines = (chart, row, at) => [chart.x[at], lineOf(chart, chart.series[row], at)].join("\n");

export function pointLines(point) {
  return [point.name, [point.value ?? null, point.text].filter((part) => part !== null && part !== "").join(" · ")].join("\n");
}
