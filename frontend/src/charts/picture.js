// A picture for a report: white ground, title above, note below, and the mark of synthetic data.
import { calendarHeight } from "./calendar.js";
import { init } from "./engine.js";
import { letters } from "./common.js";
import { paper } from "./looks.js";
import { mapHeight } from "./map.js";
import { optionOf } from "./option.js";

const WIDTH = 1000;
const HEIGHT = 480;
const NOTE = 12;
const perLine = 78; // Chinese characters of the note on a line

function linesOf(note) {
  const wide = [...note].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 255 ? 1 : 0.55), 0);
  return Math.ceil(wide / perLine) + note.split("\n").length - 1;
}

// As much room as the kind needs: a calendar its weeks, lying bars their number.
function heightOf(chart) {
  if (chart.kind === "calendar") return calendarHeight(chart, WIDTH) + (chart.steps ? 34 : 0);
  if (chart.horizontal) return Math.max(240, 110 + chart.x.length * 30);
  if (chart.kind === "heat") return Math.max(240, 90 + chart.series.length * 36);
  return chart.kind === "map" ? mapHeight(chart, WIDTH) + 34 : HEIGHT;
}

export function pictureOf(chart) {
  const below = chart.note ? 14 + linesOf(chart.note) * 18 : 8;
  const above = chart.synthetic ? 70 : 46;
  const canvas = document.createElement("canvas");
  const drawing = init(canvas, null, { renderer: "canvas", width: WIDTH, height: heightOf(chart) + above + below, devicePixelRatio: 2 });
  const option = optionOf(chart, paper, { width: WIDTH, top: above, bottom: below, picture: true });
  delete option.dataZoom;
  drawing.setOption({
    ...option,
    backgroundColor: "#ffffff",
    title: [
      { text: chart.title, left: 16, top: 12, textStyle: { ...letters(paper, 18), fontWeight: 600, width: WIDTH - 32, overflow: "truncate" } },
      chart.synthetic && { text: chart.words.synthetic, left: 16, top: 40, textStyle: { ...letters(paper, 13), color: "#7048e8", fontWeight: 600 } },
      chart.note && { text: chart.note, left: 16, bottom: 8, textStyle: { ...letters(paper, NOTE), color: paper.soft, fontWeight: 400, lineHeight: 18, width: WIDTH - 32, overflow: "breakAll" } },
    ].filter(Boolean),
  });
  // Nothing moves, so the picture is complete at once.
  drawing.getZr().refreshImmediately();
  return new Promise((done) => {
    drawing.getRenderedCanvas({ backgroundColor: "#ffffff", pixelRatio: 2 }).toBlob((blob) => {
      drawing.dispose();
      done(blob);
    }, "image/png");
  });
}

export async function save(chart) {
  const address = URL.createObjectURL(await pictureOf(chart));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${[chart.synthetic ? chart.words.synthetic : "", chart.title].filter(Boolean).join("-").replaceAll("/", "-")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
