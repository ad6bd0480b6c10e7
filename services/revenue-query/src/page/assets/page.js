// Keys, tips on bars, and refreshing in place. Everything works without it.
// Views name what keys lead to: data-key="x" on a link or a field, data-row on the link of a table's row that is meant first.
(() => {
  const main = document.querySelector("main");
  const help = document.querySelector("dialog#keys");
  if (main === null || help === null) return;

  // Keys without a modifier are also pressed by speech input, so they can be turned off (WCAG 2.1.4).
  const areKeysOn = help.querySelector("[name=on]");
  try {
    areKeysOn.checked = localStorage.getItem("keys") !== "off";
    areKeysOn.addEventListener("change", () =>
      localStorage.setItem("keys", areKeysOn.checked ? "on" : "off"),
    );
  } catch {
    // Without a storage they are on in each view.
  }
  const openHelp = document.querySelector("[data-opens=keys]");
  openHelp.hidden = false;
  openHelp.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!areKeysOn.checked || help.open || isTypedInto(event.target)) return;
    if (press(event.key)) event.preventDefault();
  });

  function isTypedInto(target) {
    return target instanceof Element && target.matches("input, select, textarea, [contenteditable]");
  }

  /** Does what a key is for; false when it is for nothing here. */
  function press(key) {
    if (key === "?") {
      help.showModal();
      return true;
    }
    if (key === "j" || key === "k") return moveToRow(key === "j" ? 1 : -1);
    const target =
      key === "o"
        ? eventOfRow()
        : [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    if (target === undefined) return false;
    if (target instanceof HTMLAnchorElement) target.click();
    else target.focus();
    if (target instanceof HTMLInputElement) target.select();
    return true;
  }

  /** Focuses the link of the next or previous row, of the table with the focus or the first one. */
  function moveToRow(step) {
    const table = document.activeElement?.closest("main table") ?? main.querySelector("table:has(tbody a)");
    if (!table) return false;
    const rows = [...table.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a"));
    const current = rows.indexOf(document.activeElement?.closest("tr"));
    const row = rows[current === -1 ? 0 : current + step];
    (row?.querySelector("a[data-row]") ?? row?.querySelector("a"))?.focus();
    return true;
  }

  /** The link to the event of the row with the focus, or else of the first row that has one. */
  function eventOfRow() {
    const link = "tbody tr a[href^='/events/']";
    const row = document.activeElement?.closest("main tr");
    return row?.querySelector(link) ?? main.querySelector(link) ?? undefined;
  }

  // The tip of a bar, under the pointer or the focus.
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const hideTip = () => void (tip.hidden = true);
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, ({ target }) => {
      const bar = target instanceof Element ? target.closest("[data-tip]") : null;
      if (bar === null) hideTip();
      else showTip(bar);
    });
  }
  document.addEventListener("scroll", hideTip, { passive: true, capture: true });

  function showTip(bar) {
    // Otherwise the browser would show the title beside the tip.
    const title = bar.querySelector("title");
    if (title !== null) {
      bar.setAttribute("aria-label", title.textContent);
      title.remove();
    }
    tip.textContent = bar.dataset.tip || bar.ariaLabel;
    tip.hidden = false;
    const { left, top, width } = bar.getBoundingClientRect();
    const x = Math.min(left + width / 2 - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, x)}px`;
    tip.style.top = `${Math.max(8, top - tip.offsetHeight - 6)}px`;
  }

  // A view of now is read again while somebody looks at it and does nothing in it.
  if (!("live" in document.documentElement.dataset) || !("fetch" in window)) return;
  const status = document.querySelector("#live");
  let isTouched = false;
  main.addEventListener("input", () => void (isTouched = true));
  const isInUse = () =>
    document.hidden ||
    isTouched ||
    help.open ||
    !tip.hidden ||
    main.contains(document.activeElement) ||
    getSelection()?.isCollapsed === false;

  setInterval(async () => {
    if (isInUse()) return;
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      if (response.status === 401) return location.reload();
      if (!response.ok) throw new Error(response.statusText);
      const next = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
      if (next === null || isInUse()) return;
      replace(next);
      status.textContent = "";
    } catch {
      status.textContent = "These figures could not be refreshed; they are as of the time they show.";
    }
  }, 30_000);

  function replace(next) {
    if (next.innerHTML === main.innerHTML) return;
    const opened = [...main.querySelectorAll("details")].map(({ open }) => open);
    const scrolled = [...main.querySelectorAll(".scroll")].map(({ scrollLeft }) => scrollLeft);
    main.replaceChildren(...next.childNodes);
    main.querySelectorAll("details").forEach((one, n) => void (one.open = opened[n] ?? one.open));
    main.querySelectorAll(".scroll").forEach((one, n) => void (one.scrollLeft = scrolled[n] ?? 0));
  }
})();
