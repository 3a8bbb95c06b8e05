// A year, or several, as weeks of coloured days. Narrow screens get weeks as rows.
import { colourOf, letters, scale, tooltip } from "./common.js";
import { lettersOn } from "./looks.js";
import { cellLines, shown } from "./words.js";

const NARROW = 620;
const yearsOf = (chart) => [...new Set(chart.x.map((day) => day.slice(0, 4)))];

function stretch(chart, year) {
  const days = chart.x.filter((day) => day.startsWith(year)).sort();
  // A month is shown whole: one week alone would look like nothing.
  const [first, last] = [days[0], days.at(-1)];
  const end = new Date(Date.UTC(Number(year), Number(last.slice(5, 7)), 0)).toISOString().slice(0, 10);
  return [`${first.slice(0, 7)}-01`, end];
}

function weeks([first, last]) {
  return Math.ceil((Date.parse(last) - Date.parse(first)) / 6048e5) + 1;
}

export function calendarHeight(chart, width) {
  const years = yearsOf(chart);
  if (width < NARROW) return years.reduce((sum, year) => sum + weeks(stretch(chart, year)) * 20 + 64, 0) + foot(chart);
  return years.length * (7 * cell(width) + 62) + foot(chart);
}

const foot = (chart) => (chart.steps ? 4 : 40);
const cell = (width) => Math.max(10, Math.min(24, Math.floor((width - 90) / 54)));

export function calendarOption(chart, looks, box) {
  const years = yearsOf(chart);
  const narrow = box.width < NARROW;
  const at = new Map(chart.x.map((day, index) => [day, index]));
  const values = chart.series[0].values;
  const colour = colourOf(chart, looks);
  let top = box.top + 34;
  const calendars = years.map((year) => {
    const range = stretch(chart, year);
    const side = narrow ? 20 : cell(box.width);
    const one = {
      top,
      left: narrow ? 56 : 64,
      right: narrow ? 8 : undefined,
      orient: narrow ? "vertical" : "horizontal",
      cellSize: narrow ? ["auto", side] : [side, side],
      range,
      splitLine: { lineStyle: { color: looks.soft, width: 1.5 } },
      itemStyle: { color: looks.none, borderColor: looks.ground, borderWidth: 1 },
      dayLabel: { firstDay: 1, nameMap: chart.words.weekdays.split(" "), ...letters(looks, 10), color: looks.soft },
      monthLabel: { nameMap: chart.words.months.split(" "), ...letters(looks, 11) },
      yearLabel: { show: true, ...letters(looks, 13), margin: narrow ? 32 : 34, position: narrow ? "top" : "left" },
    };
    top += (narrow ? weeks(range) * side : 7 * side) + (narrow ? 64 : 62);
    return one;
  });
  return {
    tooltip: tooltip(looks, (item) => cellLines(chart, 0, at.get(item.value[0]))),
    calendar: calendars,
    visualMap: scale(chart, looks, box),
    series: years.map((year, index) => ({
      type: "heatmap",
      coordinateSystem: "calendar",
      calendarIndex: index,
      data: chart.x.flatMap((day, place) => {
        const value = values[place];
        if (!day.startsWith(year) || value === null) return [];
        return [{ value: [day, value], label: lettersOn(colour(value)) }];
      }),
      label: { show: narrow || cell(box.width) >= 20, fontFamily: looks.font, fontSize: 9, formatter: (item) => shown(item.value[1], chart.series[0].decimals) },
      emphasis: { itemStyle: { borderColor: looks.ink, borderWidth: 2 } },
    })),
  };
}
