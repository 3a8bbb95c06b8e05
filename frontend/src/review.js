// The review page: text and cards joined both ways, every act by key. The acts themselves are links and forms of the
// cards; a key clicks them. Also used by the page of a document, to scroll to a place such as #o123.
const text = document.querySelector("[data-source]");
const page = document.querySelector("[data-review]");
let current = "";
let marked = null; // the last selection or cursor in the text, as offsets

const byId = (id) => document.getElementById(id);
const cards = () => [...document.querySelectorAll("#cards [data-card]")];
const quiet = window.matchMedia("(prefers-reduced-motion: reduce)");

// ---- offsets: the text counts characters, the browser counts UTF-16 units

const characters = (string) => [...string].length;

function offsetAt(node, position) {
  const piece = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-o]");
  if (!piece || !text.contains(piece)) return null;
  const before = node.nodeType === Node.TEXT_NODE ? node.data.slice(0, position) : position ? piece.textContent : "";
  return Number(piece.dataset.o) + characters(before);
}

function pieces(start, end) {
  const found = [];
  for (const piece of text.querySelectorAll("[data-o]")) {
    const from = Number(piece.dataset.o);
    if (from >= end) break;
    if (from + characters(piece.textContent) > start) found.push(piece);
  }
  return found;
}

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!text || !selection.rangeCount || !text.contains(selection.anchorNode)) return;
  const range = selection.getRangeAt(0);
  const start = offsetAt(range.startContainer, range.startOffset);
  const end = offsetAt(range.endContainer, range.endOffset);
  if (start !== null && end !== null) marked = { start, end };
});

// ---- joining text and cards

function piecesOf(card) {
  if (!text || !card) return [];
  const own = card.id.startsWith("m") ? `[data-m~="${card.id.slice(1)}"]` : `[data-c="${card.id.slice(1)}"]`;
  return [...text.querySelectorAll(own)];
}

function cardOf(piece) {
  const measures = (piece.dataset.m ?? "").split(" ").filter(Boolean);
  // The innermost measure is the last named; a clause speaks only where no measure does.
  return byId(measures.length ? `m${measures.at(-1)}` : `c${piece.dataset.c}`);
}

function mark(name, elements) {
  for (const element of document.querySelectorAll(`.${name}`)) element.classList.remove(name);
  for (const element of elements) element.classList.add(name);
}

function scrollWithin(box, element) {
  const behavior = quiet.matches ? "auto" : "smooth";
  if (getComputedStyle(box).overflowY === "visible") return element.scrollIntoView({ block: "center", behavior });
  const top = element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  box.scrollTo({ top: Math.max(0, top - box.clientHeight / 3), behavior });
}

function choose(card, { focus = true, scrollText = true, remember = true } = {}) {
  if (!card) return;
  current = card.id;
  const lit = piecesOf(card);
  mark("is-current", [card, ...lit]);
  if (scrollText && lit.length) scrollWithin(text, lit[0]);
  if (focus) card.focus({ preventScroll: true });
  const side = document.querySelector(".lt-cards");
  const box = side && getComputedStyle(side).overflowY === "auto" ? side : null;
  if (box) scrollWithin(box, card);
  else if (focus) card.scrollIntoView({ block: "nearest" });
  if (remember) history.replaceState(null, "", `#${card.id}`);
}

function step(by, from = byId(current)) {
  const all = cards();
  const at = all.indexOf(from);
  choose(all[Math.min(all.length - 1, Math.max(0, at + by))] ?? all[0]);
}

function nextOpen(after) {
  const all = cards();
  const at = all.findIndex((card) => card.id === after);
  const open = [...all.slice(at + 1), ...all.slice(0, Math.max(0, at))].find((c) => c.dataset.review === "unreviewed");
  choose(open ?? byId(after) ?? all[Math.min(at + 1, all.length - 1)] ?? all[0]);
}

// ---- acts

function complain(message) {
  const box = byId("review-problem");
  const note = document.createElement("div");
  note.className = "alert alert-warning py-2";
  note.setAttribute("role", "alert");
  note.textContent = message;
  box.replaceChildren(note);
}

function open(address, target) {
  return window.htmx.ajax("GET", address, { target, swap: "outerHTML", source: target });
}

function split(card) {
  const link = card.querySelector('[data-act="split"]');
  if (!link) return;
  const inside = marked && marked.start > Number(card.dataset.start) && marked.start < Number(card.dataset.end);
  open(link.getAttribute("href") + (inside ? `?offset=${marked.start}` : ""), card);
}

function add(link) {
  if (!marked || marked.end <= marked.start) {
    complain(page.dataset.empty);
    return open(link.getAttribute("href"), byId("review-panel"));
  }
  return open(`${link.getAttribute("href")}?start=${marked.start}&end=${marked.end}`, byId("review-panel"));
}

// A form's field takes the words that are marked now; the form keeps the offsets of those that it must find again.
const offsetsOf = { words: ["start", "end"], who_words: ["who_start", "who_end"] };

function wordsAt(start, end) {
  const parts = pieces(start, end).map((piece) => {
    const from = Number(piece.dataset.o);
    return [...piece.textContent].slice(Math.max(0, start - from), end - from).join("");
  });
  return parts.join("").trim();
}

function take(button) {
  if (!marked || marked.end <= marked.start) return complain(page.dataset.empty);
  const fields = button.closest("form").elements;
  const name = button.dataset.take;
  const words = wordsAt(marked.start, marked.end);
  fields[name].value = name in offsetsOf ? words : words.replace(/\s+/g, "");
  (offsetsOf[name] ?? []).forEach((field, at) => (fields[field].value = at ? marked.end : marked.start));
  // What the reader sees in other words is no news any more.
  if (name === "words") button.closest("form").querySelector("[data-pieces]")?.remove();
  byId("review-problem").replaceChildren();
  fields[name].focus();
}

const acts = {
  next: () => step(1),
  previous: () => step(-1),
  accept: () => byId(current)?.querySelector('[name="do"][value="accept"]')?.click() ?? step(1),
  edit: () => byId(current)?.querySelector('[data-act="edit"]')?.click(),
  merge: () => byId(current)?.querySelector('[name="do"][value="merge"]')?.click(),
  split: () => byId(current) && split(byId(current)),
  delete: () => byId(current)?.querySelector('[data-act="delete"]')?.click(),
  add: () => add(document.querySelector('[data-do="add"]')),
  addClause: () => add(document.querySelector('[data-do="addClause"]')),
  undo: () => document.querySelector("[data-undo] button")?.click(),
  help: () => document.querySelector("[data-help]").showModal(),
};
const keys = {
  j: "next",
  k: "previous",
  a: "accept",
  e: "edit",
  m: "merge",
  s: "split",
  d: "delete",
  n: "add",
  c: "addClause",
  u: "undo",
  "?": "help",
};

function leaveForm(element) {
  element.closest("[data-card], #review-panel")?.querySelector(".lt-form .btn-list a")?.click();
}

document.addEventListener("keydown", (event) => {
  if (!page || event.ctrlKey || event.altKey || event.metaKey) {
    if (event.key === "Enter" && event.ctrlKey) event.target.closest(".lt-form")?.requestSubmit();
    return;
  }
  if (event.key === "Escape") return leaveForm(event.target);
  const typing = event.target.closest("input, textarea, select, dialog[open]");
  if (typing || !(event.key in keys)) return;
  event.preventDefault();
  acts[keys[event.key]]();
});

document.addEventListener("click", (event) => {
  if (!text) return;
  const button = event.target.closest("[data-do]");
  if (button && page) {
    event.preventDefault();
    return acts[button.dataset.do]();
  }
  if (event.target.closest("#review-panel .btn-list a")) {
    event.preventDefault();
    event.stopPropagation();
    byId("review-panel").replaceChildren();
    return byId(current)?.focus({ preventScroll: true });
  }
  const taker = event.target.closest("[data-take]");
  if (taker && page) return take(taker);
  const panel = event.target.closest("[data-panel]");
  if (panel && page) {
    event.preventDefault();
    event.stopPropagation();
    return open(panel.getAttribute("href"), byId("review-panel"));
  }
  const jump = event.target.closest("[data-jump], [data-offset]");
  if (jump) return jumpTo(event, jump);
  const link = event.target.closest('[data-act="split"]');
  if (link && page) {
    event.preventDefault();
    event.stopPropagation();
    return split(link.closest("[data-card]"));
  }
  if (event.target.closest("a, button, input, textarea, select, label, summary")) {
    if (event.target.closest("[data-choose]")) event.preventDefault();
    else return;
  }
  const card = event.target.closest("[data-card]");
  if (card && !card.classList.contains("is-editing")) return choose(card);
  const piece = event.target.closest("[data-m], [data-c]");
  if (piece && page && text.contains(piece) && document.getSelection().isCollapsed) choosePiece(piece);
}, true);

function choosePiece(piece) {
  const card = cardOf(piece);
  if (card) return choose(card, { scrollText: false, focus: false });
  // The card is not in this list: show all.
  const measure = (piece.dataset.m ?? "").split(" ").at(-1);
  const address = new URL(window.location.href);
  address.searchParams.set("show", "all");
  address.hash = measure ? `m${measure}` : `c${piece.dataset.c}`;
  window.location.assign(address);
}

function jumpTo(event, link) {
  if (link.dataset.offset !== undefined) {
    event.preventDefault();
    return showOffset(Number(link.dataset.offset));
  }
  const card = byId(link.dataset.jump);
  if (!card) return; // the address of the link shows all cards
  event.preventDefault();
  choose(card);
}

function showOffset(offset) {
  const [piece] = pieces(offset, offset + 1);
  if (!piece) return;
  scrollWithin(text, piece);
  mark("is-hover", [piece]);
}

document.addEventListener("pointerover", (event) => {
  if (!page) return;
  const chip = event.target.closest("[data-from]");
  if (chip) return mark("is-hover", [chip, ...pieces(Number(chip.dataset.from), Number(chip.dataset.to))]);
  const card = event.target.closest("[data-card]");
  if (card) return mark("is-hover", [card, ...piecesOf(card)]);
  const piece = event.target.closest("[data-m], [data-c]");
  if (!piece || !text.contains(piece)) return mark("is-hover", []);
  const found = cardOf(piece);
  return mark("is-hover", found ? [found, ...piecesOf(found)] : [piece]);
});
document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (page && card && card.id !== current) choose(card, { focus: false });
});

// ---- after an answer of the server

document.addEventListener("review:acted", (event) => {
  const { select, after, said } = event.detail;
  // The answer is put in place after this event.
  document.addEventListener(
    "htmx:afterSettle",
    () => {
      byId("review-said").textContent = said;
      if (select && byId(select)) choose(byId(select));
      else if (after && byId(after)) nextOpen(after);
      else step(0, byId(current));
    },
    { once: true },
  );
});
document.addEventListener("htmx:afterRequest", (event) => {
  for (const button of document.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  if (event.detail.failed && !event.detail.xhr.status && page) complain(page.dataset.offline);
});
document.addEventListener("htmx:afterSwap", (event) => {
  // A form that was opened takes the focus; a refusal scrolls into view.
  const form = byId(event.detail.target?.id)?.querySelector(".lt-form");
  const field = form?.querySelector("textarea, input:not([type=hidden]), select");
  if (field) field.focus({ preventScroll: false });
});

function start() {
  const anchor = decodeURIComponent(window.location.hash.slice(1));
  if (/^o\d+$/.test(anchor) && text) return showOffset(Number(anchor.slice(1)));
  if (!page) return;
  const card = byId(anchor);
  const first = card?.matches("[data-card]") ? card : cards()[0];
  // The address stays as it is: a fragment set while the page loads would make the browser scroll to it.
  if (first) choose(first, { focus: Boolean(card), remember: false });
}
// Answers come into the middle of the page: it must not jump to its top.
window.htmx.config.scrollIntoViewOnBoost = false;
document.documentElement.classList.add("lt-js");
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
window.addEventListener("hashchange", () => {
  if (/^#o\d+$/.test(window.location.hash)) start();
});
