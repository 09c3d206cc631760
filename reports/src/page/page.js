(() => {
  "use strict";
  const all = (from, what) => Array.from(from.querySelectorAll(what));
  const show = (row, move) => {
    const race = row.closest(".race");
    all(document, ".on").forEach((one) => one.classList.remove("on"));
    row.classList.add("on");
    all(race, `[data-e="${row.dataset.e}"]`).forEach((one) => one.classList.add("on"));
    const folded = row.closest("details");
    if (folded) folded.open = true;
    const mark = race.querySelector(`use[data-e="${row.dataset.e}"]`);
    const scroll = race.querySelector(".scroll");
    if (mark && scroll) scroll.scrollLeft = mark.x.baseVal.value - scroll.clientWidth / 2;
    if (move) {
      row.scrollIntoView?.({ block: "nearest" });
      try { history.replaceState(null, "", "#" + row.id); } catch { location.hash = row.id; }
    }
  };
  const arrived = () => {
    const there = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!there) return;
    for (let up = there.closest("details"); up; up = up.parentElement?.closest("details")) up.open = true;
    if (there.dataset.e) show(there, false);
    there.scrollIntoView?.();
  };
  addEventListener("hashchange", arrived);
  arrived();
  document.addEventListener("keydown", (key) => {
    const race = key.target.closest?.(".race");
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key.key];
    if (!race || !step || key.altKey || key.ctrlKey || key.metaKey) return;
    const rows = all(race, "tr[data-e]");
    const now = rows.findIndex((row) => row.classList.contains("on"));
    const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
    if (!next) return;
    key.preventDefault();
    show(next, true);
  });
  document.addEventListener("click", (click) => {
    const mark = click.target.closest?.("use[data-e]");
    const row = mark?.closest(".race")?.querySelector(`tr[data-e="${mark.dataset.e}"]`);
    if (row) show(row, true);
  });
  if (navigator.clipboard) all(document, "pre.cmd").forEach((command) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = "copied";
      } catch { button.textContent = "select it and copy"; }
    });
    command.after(button);
  });
  addEventListener("beforeprint", () => all(document, "details").forEach((one) => { one.open = true; }));
})();
