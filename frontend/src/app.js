// The behaviour that every page shares. Pages work without it; it makes them quicker.
import htmx from "htmx.org";
import "@tabler/core/js/tabler.js";
import { initColumns } from "./columns.js";
import { initForms } from "./forms.js";
import { initPaste } from "./paste.js";

window.htmx = htmx;
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});
// A refused request answers with a page fragment that says why: show it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.xhr.status < 500) event.detail.shouldSwap = true;
});

function init(root) {
  initColumns(root);
  initForms(root);
  initPaste(root);
}
document.addEventListener("DOMContentLoaded", () => init(document));
document.addEventListener("htmx:load", (event) => init(event.detail.elt));
