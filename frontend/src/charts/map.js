// Areas of a city, coloured; stations as dots. No tiles: nothing is asked of another host.
import { registerMap } from "./engine.js";
import { letters, scale, scaleHeight, tooltip } from "./common.js";
import { linesAt, pointLines, shown, stepOf } from "./words.js";

function bounds(geometry) {
  const found = { west: 180, east: -180, south: 90, north: -90 };
  const walk = (part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    found.west = Math.min(found.west, part[0]);
    found.east = Math.max(found.east, part[0]);
    found.south = Math.min(found.south, part[1]);
    found.north = Math.max(found.north, part[1]);
  };
  for (const feature of geometry.features) walk(feature.geometry.coordinates);
  return found;
}

// A degree of longitude is shorter than one of latitude, here by this much.
const squeeze = ({ south, north }) => Math.cos((((south + north) / 2) * Math.PI) / 180);

// As high as the map is at this width, within reason.
export function mapHeight(chart, width) {
  const edge = bounds(chart.geometry);
  const wide = (edge.east - edge.west) * squeeze(edge);
  return Math.round(Math.max(240, Math.min(720, ((edge.north - edge.south) / wide) * (width - 16) + 16)));
}

export function mapOption(chart, looks, box) {
  const name = `map-${chart.id}`;
  registerMap(name, chart.geometry);
  const at = new Map(chart.x.map((area, index) => [area, index]));
  const series = chart.series[0];
  const written = box.width >= 380;
  const colour = (value) => stepOf(chart, value)?.colour ?? looks.none;
  const points = chart.points ?? [];
  // Labels lie above the dots where the geometry says where they belong (`cp`, longitude and latitude).
  const middles = chart.geometry.features.every((one) => one.properties.cp) ? chart.geometry.features : null;
  const words = (area) => (at.has(area) && series.values[at.get(area)] !== null ? `${area}\n${shown(series.values[at.get(area)], series.decimals)}` : area);
  return {
    tooltip: tooltip(looks, (item) => {
      if (item.seriesType === "scatter") return pointLines(points[item.dataIndex]);
      return at.has(item.name) ? linesAt(chart, at.get(item.name)) : item.name;
    }),
    visualMap: scale(chart, looks, box, { seriesIndex: 0 }),
    geo: {
      map: name,
      aspectScale: squeeze(bounds(chart.geometry)),
      preserveAspect: true,
      left: 8,
      right: 8,
      top: box.top + 8,
      bottom: box.bottom + scaleHeight(chart, box),
      roam: false,
      itemStyle: { areaColor: looks.none, borderColor: looks.ground, borderWidth: 1.5 },
      label: { show: written && !middles, ...letters(looks, 11), textBorderColor: looks.ground, textBorderWidth: 3, formatter: (item) => words(item.name) },
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
        symbolSize: box.width < 500 ? 8 : 11,
        z: 5,
        data: points.map((point) => ({
          name: point.name,
          value: [...point.at, point.value ?? null],
          itemStyle: { color: point.value === undefined || point.value === null ? looks.none : colour(point.value), borderColor: looks.ink, borderWidth: 1.5 },
        })),
      },
      {
        type: "scatter",
        coordinateSystem: "geo",
        symbolSize: 0.1,
        silent: true,
        tooltip: { show: false },
        z: 6,
        itemStyle: { color: "transparent" },
        label: { show: true, ...letters(looks, written ? 12 : 10), textBorderColor: looks.ground, textBorderWidth: 3, lineHeight: 14, formatter: (item) => (written ? words(item.name) : item.name) },
        data: (middles ?? []).map((one) => ({ name: one.properties.name, value: one.properties.cp })),
      },
    ],
  };
}
