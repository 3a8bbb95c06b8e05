// Areas of a city, coloured; stations as dots. No tiles: nothing is asked of another host.
import { registerMap } from "./engine.js";
import { letters, scale, scaleHeight, tooltip } from "./common.js";
import { linesAt, pointLines, shown, stepOf } from "./words.js";

function middle(geometry) {
  let low = 90;
  let high = -90;
  const walk = (part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    low = Math.min(low, part[1]);
    high = Math.max(high, part[1]);
  };
  for (const feature of geometry.features) walk(feature.geometry.coordinates);
  return (low + high) / 2;
}

export function mapOption(chart, looks, box) {
  const name = `map-${chart.id}`;
  registerMap(name, chart.geometry);
  const at = new Map(chart.x.map((area, index) => [area, index]));
  const series = chart.series[0];
  const written = box.width >= 380;
  const colour = (value) => stepOf(chart, value)?.colour ?? looks.none;
  const points = chart.points ?? [];
  return {
    tooltip: tooltip(looks, (item) => {
      if (item.seriesType === "scatter") return pointLines(points[item.dataIndex]);
      return at.has(item.name) ? linesAt(chart, at.get(item.name)) : item.name;
    }),
    visualMap: scale(chart, looks, box, { seriesIndex: 0 }),
    geo: {
      map: name,
      // A degree of longitude is shorter than one of latitude, here by this much.
      aspectScale: Math.cos((middle(chart.geometry) * Math.PI) / 180),
      left: 8,
      right: 8,
      top: box.top + 8,
      bottom: box.bottom + scaleHeight(chart, box),
      roam: false,
      itemStyle: { areaColor: looks.none, borderColor: looks.ground, borderWidth: 1.5 },
      label: { show: written, ...letters(looks, 11), textBorderColor: looks.ground, textBorderWidth: 3, formatter: (item) => (at.has(item.name) && series.values[at.get(item.name)] !== null ? `${item.name}\n${shown(series.values[at.get(item.name)], series.decimals)}` : item.name) },
      emphasis: { label: { color: looks.ink }, itemStyle: { borderColor: looks.ink, borderWidth: 2.5, areaColor: "inherit" } },
      select: { disabled: true },
    },
    series: [
      {
        name: series.name,
        type: "map",
        geoIndex: 0,
        data: chart.x.flatMap((area, index) => (series.values[index] === null ? [] : [{ name: area, value: series.values[index] }])),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        symbolSize: 13,
        z: 5,
        data: points.map((point) => ({
          name: point.name,
          value: [...point.at, point.value ?? null],
          itemStyle: { color: point.value === undefined || point.value === null ? looks.none : colour(point.value), borderColor: looks.ink, borderWidth: 1.5 },
        })),
      },
    ],
  };
}
