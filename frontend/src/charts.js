// Draws every chart of a page. The page holds the chart's table and works without this script.
import { calendarHeight } from "./charts/calendar.js";
import { init } from "./charts/engine.js";
import { looksOf, paper } from "./charts/looks.js";
import { mapHeight } from "./charts/map.js";
import { optionOf } from "./charts/option.js";
import { save } from "./charts/picture.js";
import { cellLines, linesAt } from "./charts/words.js";

const quiet = window.matchMedia("(prefers-reduced-motion: reduce)");
const drawn = new Map(); // element of the picture -> { chart, drawing, at }

function boxOf(element) {
  return { width: element.clientWidth, top: 0, bottom: 0 };
}

function fit(element, chart) {
  if (chart.kind === "calendar") element.style.height = `${calendarHeight(chart, element.clientWidth)}px`;
  if (chart.kind === "map") element.style.height = `${mapHeight(chart, element.clientWidth)}px`;
  if (chart.horizontal) element.style.height = `${Math.max(160, 90 + chart.x.length * 30)}px`;
  if (chart.kind === "heat" && chart.series.length > 12) element.style.height = `${chart.series.length * 24 + 120}px`;
}

function paint(element, looks = looksOf(element), moving = false) {
  const { chart, drawing } = drawn.get(element);
  drawing.setOption(optionOf(chart, looks, boxOf(element), { moving }), { notMerge: true });
}

function draw(figure) {
  const element = figure.querySelector("[data-chart-picture]");
  const data = figure.querySelector("[data-chart-data]");
  figure.dataset.ready = "1";
  close(figure);
  if (!element || !data) return;
  const chart = JSON.parse(data.textContent);
  fit(element, chart);
  const drawing = init(element, null, { renderer: "canvas" });
  drawn.set(element, { chart, drawing, at: -1 });
  paint(element, looksOf(element), !quiet.matches && chart.x.length <= 400);
  wire(figure, element, chart, drawing);
}

// The table stands open for those without a script; with the picture there it is one key away.
function close(figure) {
  const table = figure.querySelector("[data-chart-table]");
  if (table && figure.querySelector("[data-chart-picture]")) table.open = false;
}

function wire(figure, element, chart, drawing) {
  watched.observe(element);
  figure.querySelector("[data-chart-png]")?.addEventListener("click", () => save(chart));
  element.addEventListener("keydown", (event) => walk(event, figure, element));
  element.addEventListener("blur", () => drawing.dispatchAction({ type: "hideTip" }));
  drawing.on("click", (item) => follow(chart, item));
}

function follow(chart, item) {
  if (item.componentType !== "series") return;
  const points = chart.kind === "map" && item.seriesType === "scatter";
  const at = chart.kind === "map" ? chart.x.indexOf(item.name) : chart.kind === "calendar" ? chart.x.indexOf(item.value[0]) : chart.kind === "heat" ? -1 : item.dataIndex;
  const address = points ? chart.points[item.dataIndex].link : chart.links?.[at];
  if (address) window.location.assign(address);
}

// ---- by key: the tip goes from value to value, and is said

function walk(event, figure, element) {
  const one = drawn.get(element);
  const size = one.chart.kind === "heat" ? one.chart.x.length * one.chart.series.length : one.chart.x.length;
  const by = { ArrowRight: 1, ArrowDown: one.chart.kind === "heat" ? one.chart.x.length : 1, ArrowLeft: -1, ArrowUp: one.chart.kind === "heat" ? -one.chart.x.length : -1, PageDown: 24, PageUp: -24 }[event.key];
  if (event.key === "Enter" && one.chart.links?.[one.at]) return window.location.assign(one.chart.links[one.at]);
  const next = event.key === "Home" ? 0 : event.key === "End" ? size - 1 : by === undefined ? undefined : one.at < 0 ? 0 : one.at + by;
  if (next === undefined) return;
  event.preventDefault();
  one.at = Math.min(size - 1, Math.max(0, next));
  tip(one, element);
  figure.querySelector("[data-chart-said]").textContent = said(one).replaceAll("\n", ", ");
}

function said({ chart, at }) {
  if (chart.kind !== "heat") return linesAt(chart, at);
  return cellLines(chart, Math.floor(at / chart.x.length), at % chart.x.length);
}

// Gaps are no items of the drawing: the count of those before gives an item's place.
const before = (values, at) => values.slice(0, at).filter((value) => value !== null).length;

function place({ chart, at }) {
  if (chart.kind === "map") return { seriesIndex: 0, name: chart.x[at] };
  if (chart.kind === "heat") {
    const row = Math.floor(at / chart.x.length);
    const earlier = chart.series.slice(0, row).reduce((sum, one) => sum + before(one.values, one.values.length), 0);
    return { seriesIndex: 0, dataIndex: earlier + before(chart.series[row].values, at % chart.x.length) };
  }
  if (chart.kind === "calendar") {
    const years = [...new Set(chart.x.map((day) => day.slice(0, 4)))];
    const year = chart.x[at].slice(0, 4);
    const own = chart.x.flatMap((day, index) => (day.startsWith(year) && index < at ? [chart.series[0].values[index]] : []));
    return { seriesIndex: years.indexOf(year), dataIndex: before(own, own.length) };
  }
  return { seriesIndex: 0, dataIndex: at };
}

function tip(one) {
  one.drawing.dispatchAction({ type: "showTip", ...place(one) });
}

// ---- size, paper, wall

const watched = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const one = drawn.get(target);
    if (!one || !target.clientWidth || target.clientWidth === one.drawing.getWidth()) continue;
    fit(target, one.chart);
    one.drawing.resize();
    paint(target);
  }
});

window.addEventListener("beforeprint", () => {
  for (const element of drawn.keys()) paint(element, paper);
});
window.addEventListener("afterprint", () => {
  for (const element of drawn.keys()) paint(element);
});

function initCharts(root) {
  for (const figure of root.querySelectorAll("[data-chart]:not([data-ready])")) draw(figure);
  for (const element of drawn.keys()) if (!element.isConnected) drop(element);
}

function drop(element) {
  drawn.get(element).drawing.dispose();
  drawn.delete(element);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => initCharts(document));
else initCharts(document);
document.addEventListener("htmx:load", (event) => initCharts(event.detail.elt.parentElement ?? document));
