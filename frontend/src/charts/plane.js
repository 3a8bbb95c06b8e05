// Charts with two axes: lines, bars, boxes, and cells of a heat table.
import { colourOf, letters, legend, legendHeight, scale, scaleHeight, tooltip } from "./common.js";
import { STROKES, SYMBOLS, lettersOn } from "./looks.js";
import { cellLines, linesAt, shown } from "./words.js";

const MANY = 400; // values from which on a picture thins out lines; the table and the files keep every value

function names(chart, looks, box, extra) {
  return {
    type: "category",
    data: chart.x,
    axisLine: { lineStyle: { color: looks.line } },
    axisTick: { show: false },
    axisLabel: { ...letters(looks, 11), color: looks.soft, hideOverlap: true, ...extra?.axisLabel },
    splitLine: { show: false },
    ...Object.fromEntries(Object.entries(extra ?? {}).filter(([name]) => name !== "axisLabel")),
  };
}

function numbers(chart, looks, unit, extra) {
  return {
    type: "value",
    name: unit,
    nameTextStyle: { ...letters(looks, 11), color: looks.soft },
    axisLabel: { ...letters(looks, 11), color: looks.soft },
    axisLine: { show: false },
    splitLine: { lineStyle: { color: looks.faint } },
    ...extra,
  };
}

const unitOf = (chart, axis) => [...new Set(chart.series.filter((one) => (one.axis ?? 0) === axis).map((one) => one.unit ?? ""))].join(" / ");

function zoom(chart, looks) {
  if (chart.horizontal || chart.x.length < 60) return [];
  return [
    // The wheel scrolls the page unless the control key is held.
    { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: false, moveOnMouseWheel: false, preventDefaultMouseMove: false },
    {
      type: "slider",
      bottom: 6,
      height: 18,
      brushSelect: false,
      showDetail: false,
      showDataShadow: chart.x.length < 2000,
      borderColor: looks.line,
      fillerColor: looks.band,
      handleStyle: { color: looks.ground, borderColor: looks.soft },
      textStyle: letters(looks, 10),
    },
  ];
}

function grid(chart, box, bottom) {
  return { left: 8, right: 14, top: box.top + legendHeight(chart, box.width) + (chart.horizontal ? 4 : 22), bottom: box.bottom + bottom, outerBoundsMode: "same", outerBoundsContain: "all" };
}

function marks(chart, looks, axis) {
  const own = (chart.marks ?? []).filter((mark) => (mark.axis ?? 0) === axis);
  if (!own.length) return undefined;
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: looks.mark, type: "dashed", width: 1.5 },
    label: { ...letters(looks, 11), color: looks.mark, position: chart.horizontal ? "end" : "insideEndTop", formatter: "{b}" },
    data: own.map((mark) => ({ name: `${mark.label} ${shown(mark.value)}`, [chart.horizontal ? "xAxis" : "yAxis"]: mark.value })),
  };
}

function bands(chart, looks) {
  if (!chart.bands) return undefined;
  return {
    silent: true,
    animation: false,
    itemStyle: { color: looks.band },
    label: { ...letters(looks, 11), color: looks.soft, position: "insideTop" },
    data: chart.bands.map((band) => [{ name: band.label, xAxis: band.first }, { xAxis: band.last }]),
  };
}

// A level that steps are drawn to reaches beyond the values: the axis must hold it.
function reach(chart, axis) {
  const own = (chart.marks ?? []).filter((mark) => (mark.axis ?? 0) === axis).map((mark) => mark.value);
  const top = Math.max(0, ...own);
  return top > 0 ? { max: (extent) => (extent.max >= top ? null : Number((top * 1.08).toPrecision(3))) } : {};
}

function strokes(chart, looks, one, at) {
  const colour = one.colour || looks.colours[at % looks.colours.length];
  const kind = one.kind || (chart.kind === "bars" ? "bar" : "line");
  const common = { name: one.name, yAxisIndex: chart.horizontal ? 0 : (one.axis ?? 0), stack: one.stack || undefined, color: colour, emphasis: { focus: "none" } };
  if (kind === "bar") {
    return {
      ...common,
      type: "bar",
      barMaxWidth: 40,
      barGap: "10%",
      itemStyle: { borderColor: looks.ground, borderWidth: one.stack ? 0.5 : 0 },
    };
  }
  if (kind === "points") return { ...common, type: "scatter", symbol: SYMBOLS[at % SYMBOLS.length], symbolSize: 6 };
  const few = chart.x.length <= 62;
  const alone = !few && lonely(one.values);
  return {
    ...common,
    type: "line",
    connectNulls: false,
    sampling: chart.x.length > MANY && !alone ? "lttb" : undefined,
    showSymbol: few || alone,
    showAllSymbol: alone ? true : "auto",
    symbol: SYMBOLS[at % SYMBOLS.length],
    symbolSize: few ? 6 : 3,
    lineStyle: { width: chart.x.length > MANY ? 1.25 : 2, type: STROKES[at % STROKES.length] },
    areaStyle: kind === "area" ? { opacity: one.stack ? 0.75 : 0.18 } : undefined,
  };
}

// A value between two gaps makes no line: it needs a mark to be seen.
function lonely(values) {
  return values.length < 3000 && values.some((value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null);
}

export function planeOption(chart, looks, box) {
  const zooms = zoom(chart, looks);
  const stepped = chart.steps && chart.kind === "bars" && chart.series.length === 1;
  const right = chart.series.some((one) => one.axis === 1);
  const value = [numbers(chart, looks, unitOf(chart, 0), reach(chart, 0))];
  if (right) value.push(numbers(chart, looks, unitOf(chart, 1), { ...reach(chart, 1), splitLine: { show: false } }));
  const lying = chart.horizontal;
  const name = names(chart, looks, box, lying ? { inverse: true, axisLabel: { interval: 0, width: Math.min(150, box.width * 0.32), overflow: "truncate", color: looks.ink } } : { boundaryGap: chart.series.some((one) => (one.kind || chart.kind) === "bars" || one.kind === "bar") });
  return {
    grid: grid(chart, box, (zooms.length ? 34 : 6) + (stepped ? scaleHeight(chart, box) : 0)),
    visualMap: stepped ? scale(chart, looks, box, { dimension: 1 }) : undefined,
    legend: legend(chart, looks, box),
    tooltip: tooltip(looks, (items) => linesAt(chart, items[0].dataIndex), { trigger: "axis", axisPointer: { type: chart.kind === "bars" ? "shadow" : "line" } }),
    dataZoom: zooms,
    xAxis: lying ? { ...value[0], nameLocation: "middle", nameGap: 26 } : name,
    yAxis: lying ? name : value,
    // One table for all series: a year of hours is held once.
    dataset: { dimensions: ["x", ...chart.series.map((_, at) => `s${at}`)], source: Object.fromEntries([["x", chart.x], ...chart.series.map((one, at) => [`s${at}`, one.values])]) },
    series: chart.series.map((one, at) => ({
      ...strokes(chart, looks, one, at),
      encode: lying ? { x: `s${at}`, y: "x" } : { x: "x", y: `s${at}` },
      markLine: at === firstOf(chart, one.axis ?? 0) ? marks(chart, looks, one.axis ?? 0) : undefined,
      markArea: at === 0 ? bands(chart, looks) : undefined,
    })),
  };
}

const firstOf = (chart, axis) => chart.series.findIndex((one) => (one.axis ?? 0) === axis);

export function boxOption(chart, looks, box) {
  return {
    grid: grid(chart, box, 6),
    legend: legend(chart, looks, box),
    tooltip: tooltip(looks, (item) => cellLines(chart, item.seriesIndex, item.dataIndex)),
    xAxis: names(chart, looks, box),
    yAxis: numbers(chart, looks, unitOf(chart, 0), reach(chart, 0)),
    series: chart.series.map((one, at) => {
      const colour = one.colour || looks.colours[at % looks.colours.length];
      return {
        name: one.name,
        type: "boxplot",
        boxWidth: [6, 40],
        itemStyle: { color: `${colour}33`, borderColor: colour, borderWidth: 1.5 },
        data: one.values.map((five) => five ?? ["-", "-", "-", "-", "-"]),
        markLine: at === 0 ? marks(chart, looks, 0) : undefined,
      };
    }),
  };
}

export function heatOption(chart, looks, box) {
  const cells = chart.series.flatMap((one, row) => one.values.flatMap((value, at) => (value === null ? [] : [[at, row, value]])));
  const colour = colourOf(chart, looks);
  const written = box.width / chart.x.length > 34 && chart.x.length * chart.series.length <= 600;
  return {
    grid: { left: 8, right: 8, top: box.top + 8, bottom: box.bottom + scaleHeight(chart, box), outerBoundsMode: "same", outerBoundsContain: "all", show: true, backgroundColor: looks.none, borderWidth: 0 },
    tooltip: tooltip(looks, (item) => cellLines(chart, item.value[1], item.value[0])),
    xAxis: names(chart, looks, box),
    yAxis: { ...names(chart, looks, box), data: chart.series.map((one) => one.name), inverse: true, axisLabel: { ...letters(looks, 11), interval: chart.series.length <= 24 ? 0 : "auto" } },
    visualMap: scale(chart, looks, box),
    series: [
      {
        type: "heatmap",
        data: cells.map((cell) => ({ value: cell, label: lettersOn(colour(cell[2])) })),
        label: { show: written, fontFamily: looks.font, fontSize: 10, formatter: (item) => shown(item.value[2], chart.series[item.value[1]].decimals) },
        itemStyle: { borderColor: looks.ground, borderWidth: chart.x.length > 100 ? 0 : 1 },
        emphasis: { itemStyle: { borderColor: looks.ink, borderWidth: 2 } },
        progressive: 0,
      },
    ],
  };
}
