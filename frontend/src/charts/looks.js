// Colours and letters: for paper and screen, and for the dark wall.
const FONT = '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Hiragino Sans GB", system-ui, sans-serif';

// Told apart also by those who see few colours (after Okabe and Ito); lines differ in their strokes and marks as well.
const LIGHT = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#b8860b", "#56b4e9", "#44546a", "#882255"];
const DARK = ["#74c0fc", "#ffa94d", "#63e6be", "#f783ac", "#ffe066", "#a5d8ff", "#dee2e6", "#e599f7"];

export const STROKES = ["solid", [7, 4], [2, 3], [10, 3, 2, 3]];
export const SYMBOLS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect", "emptyTriangle", "emptyDiamond"];

const light = {
  font: FONT,
  ink: "#212529",
  soft: "#5c636a",
  line: "#ced4da",
  faint: "#e9ecef",
  ground: "#ffffff",
  none: "#dee2e6",
  band: "rgba(120, 120, 120, .16)",
  mark: "#b02a37",
  shades: ["#edf4fb", "#9ecae1", "#2f7fbf", "#08306b"],
  colours: LIGHT,
};
const dark = {
  font: FONT,
  ink: "#f1f3f5",
  soft: "#c1c9d2",
  line: "#45526b",
  faint: "#26324a",
  ground: "#131c2e",
  none: "#3a4a6b",
  band: "rgba(255, 255, 255, .14)",
  mark: "#ff8787",
  shades: ["#1b2740", "#2f6ea8", "#74c0fc", "#e7f5ff"],
  colours: DARK,
};

export const paper = light;

export function looksOf(element) {
  const themed = element.closest("[data-bs-theme]");
  return document.body.classList.contains("lt-wall") || themed?.dataset.bsTheme === "dark" ? dark : light;
}

// The colour of a value between the lowest and the highest on a scale of shades; undefined outside of it.
export function shadeAt(shades, share) {
  if (!(share >= 0 && share <= 1)) return undefined;
  const at = Math.min(shades.length - 2, Math.floor(share * (shades.length - 1)));
  const part = share * (shades.length - 1) - at;
  const mixed = [1, 3, 5].map((digit) => {
    const [a, b] = [shades[at], shades[at + 1]].map((one) => parseInt(one.slice(digit, digit + 2), 16));
    return Math.round(a + (b - a) * part).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

// Letters that read on a colour (#rrggbb): white with a dark rim where the colour is dark or a strong red. Without a colour
// (a shade from low to high): dark with a light rim.
export function lettersOn(colour) {
  const dark = { color: "#1a1a1a", textBorderColor: "rgba(255, 255, 255, .5)", textBorderWidth: colour ? 0 : 2 };
  if (!colour) return dark;
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const bright = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  return bright > 0.25 ? dark : { color: "#ffffff", textBorderColor: "rgba(0, 0, 0, .55)", textBorderWidth: 2 };
}
