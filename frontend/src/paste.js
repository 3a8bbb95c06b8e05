// Evidence from the clipboard: a pasted picture or file is added to the form's file field.
// A page may hold several forms with evidence: the one that is being worked on gets it, else the first that is open.
function zoneForPaste() {
  const shown = [...document.querySelectorAll("[data-paste]")].filter((zone) => zone.offsetParent !== null);
  const form = document.activeElement?.closest("form");
  return shown.find((zone) => form?.contains(zone)) ?? shown[0];
}

export function initPaste(root) {
  for (const zone of root.querySelectorAll("[data-paste]:not([data-ready])")) {
    zone.dataset.ready = "1";
    const field = zone.querySelector("input[type=file]");
    const list = zone.querySelector("[data-paste-list]");
    const show = () => {
      list.replaceChildren(
        ...[...field.files].map((file) => {
          const item = document.createElement("li");
          item.textContent = `${file.name} · ${Math.ceil(file.size / 1024)} KB`;
          return item;
        }),
      );
    };
    const add = (files) => {
      const all = new DataTransfer();
      for (const file of [...field.files, ...files]) all.items.add(file);
      field.files = all.files;
      field.dispatchEvent(new Event("input", { bubbles: true })); // the form is another one now
      show();
    };
    const stamp = () => new Date().toISOString().replace(/[-:]/g, "").slice(0, 15);
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || zone !== zoneForPaste()) return;
      event.preventDefault();
      add(files.map((f) => (f.name === "image.png" ? new File([f], `clipboard-${stamp()}.png`, { type: f.type }) : f)));
    });
    zone.addEventListener("dragover", (event) => event.preventDefault());
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      add(event.dataTransfer.files);
    });
    field.addEventListener("change", show);
  }
}
