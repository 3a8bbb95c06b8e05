// "Own columns": the choice and order of a list's columns become the address parameter `columns`.
export function initColumns(root) {
  for (const box of root.querySelectorAll("[data-columns]:not([data-ready])")) {
    box.dataset.ready = "1";
    box.addEventListener("click", (event) => {
      const mover = event.target.closest("[data-move]");
      if (!mover) return;
      const row = mover.closest("[data-column]");
      if (mover.dataset.move === "up" && row.previousElementSibling) row.previousElementSibling.before(row);
      if (mover.dataset.move === "down" && row.nextElementSibling) row.nextElementSibling.after(row);
      mover.focus();
    });
    box.querySelector("[data-apply]").addEventListener("click", () => {
      const names = [...box.querySelectorAll("[data-column]")]
        .filter((row) => row.querySelector("input").checked)
        .map((row) => row.dataset.column);
      const address = new URL(window.location.href);
      address.searchParams.set("columns", names.join(","));
      address.searchParams.delete("page");
      window.location.assign(address);
    });
  }
}
