// A form is sent once, whatever the number of clicks; a form that filters a list sends itself when a choice changes.
// The form's key makes the same form count once. A browser that goes back fills in what was typed but not the key: the
// history remembers it, so that the form sent again unchanged is the same one. A changed form gets a key of its own.
const nameOf = (form) => `${form.getAttribute("action") ?? ""}#${[...document.forms].indexOf(form)}`;

function rememberKey(form, key) {
  history.replaceState({ ...history.state, keys: { ...history.state?.keys, [nameOf(form)]: key.value } }, "");
}

function restoreKey(form, key) {
  const sent = history.state?.keys?.[nameOf(form)];
  if (sent) key.value = sent;
}

function renewKey(form, key) {
  if (history.state?.keys?.[nameOf(form)] !== key.value) return;
  const fresh = crypto.getRandomValues(new Uint8Array(16));
  key.value = [...fresh].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function initForms(root) {
  for (const form of root.querySelectorAll("form[method=post]:not([data-ready])")) {
    form.dataset.ready = "1";
    const key = form.querySelector('input[type=hidden][name="key"], input[type=hidden][name$="-key"]');
    if (key) {
      restoreKey(form, key);
      form.addEventListener("input", () => renewKey(form, key));
    }
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) return event.preventDefault();
      form.dataset.sent = "1";
      if (key) rememberKey(form, key);
      setTimeout(() => delete form.dataset.sent, 8000);
      for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.classList.add("btn-loading");
    });
  }
  for (const form of root.querySelectorAll("form[data-autosubmit]:not([data-ready])")) {
    form.dataset.ready = "1";
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("submit", () => {
      // Empty fields stay out of the address, so that it can be sent to a colleague.
      for (const field of form.querySelectorAll("input, select")) if (!field.value) field.disabled = true;
    });
  }
}
// "Open all" and "close all" of a tree of folds.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-all], [data-close-all]");
  if (!button) return;
  const open = "openAll" in button.dataset;
  const tree = document.querySelector(open ? button.dataset.openAll : button.dataset.closeAll);
  for (const fold of tree?.querySelectorAll("details") ?? []) fold.open = open;
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".btn-loading")) button.classList.remove("btn-loading");
  for (const field of document.querySelectorAll("form[data-autosubmit] :disabled")) field.disabled = false;
});
