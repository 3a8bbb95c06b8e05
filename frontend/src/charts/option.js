// From a chart's data to what ECharts draws; `box`: width, and what is kept free above and below.
import { calendarOption } from "./calendar.js";
import { mapOption } from "./map.js";
import { boxOption, heatOption, planeOption } from "./plane.js";

const makers = { lines: planeOption, bars: planeOption, box: boxOption, heat: heatOption, calendar: calendarOption, map: mapOption };

export function optionOf(chart, looks, box, { moving = false } = {}) {
  return {
    textStyle: { fontFamily: looks.font },
    animation: moving,
    animationDuration: 300,
    ...makers[chart.kind](chart, looks, box),
  };
}
