/* Comity: keyboard first, on top of pages that work without it. No inline code, no eval, no dependency but htmx. */
(() => {
  "use strict";
  const $ = (q, at = document) => at.querySelector(q);
  const $$ = (q, at = document) => [...at.querySelectorAll(q)];
  const typing = (el) => el.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  /* CSRF travels as a header so that no fragment needs a token of its own. */
  const token = () => $("input[name=csrfmiddlewaretoken]")?.value || "";
  document.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = token(); });

  /* Palette */
  const palette = $("#palette"), input = palette && $("input", palette), list = $("#palette-list");
  let pending = 0, wait = 0, cursor = 0;
  const options = () => $$("[role=option]", list);
  const mark = (i) => {
    const all = options();
    if (!all.length) { input.removeAttribute("aria-activedescendant"); return; }
    cursor = (i + all.length) % all.length;
    all.forEach((o, n) => o.setAttribute("aria-selected", n === cursor));
    input.setAttribute("aria-activedescendant", all[cursor].id);
    all[cursor].scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    const mine = ++pending;
    const url = new URL(document.body.dataset.palette, location.origin);
    url.searchParams.set("q", input.value);
    url.searchParams.set("from", location.pathname);
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (mine !== pending || !answer.ok) return;
    list.innerHTML = await answer.text();
    mark(0);
  };
  const openDialog = (id) => {
    $$("[popover]").forEach((p) => p.id !== "side" && p.matches(":popover-open") && p.hidePopover());
    const box = document.getElementById(id);
    if (!box || box.open) return;
    box.showModal();
    if (box === palette) { input.value = ""; ask(); }
  };
  if (palette) {
    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 120); });
    input.addEventListener("keydown", (e) => {
      if (e.key === "ArrowDown") mark(cursor + 1);
      else if (e.key === "ArrowUp") mark(cursor - 1);
      else if (e.key === "Enter") options()[cursor]?.click();
      else return;
      e.preventDefault();
    });
  }

  document.addEventListener("click", (e) => {
    const opener = e.target.closest("[data-open]");
    if (opener) { e.preventDefault(); openDialog(opener.dataset.open); }
    if (e.target.matches("dialog[open]")) e.target.close(); /* on the backdrop */
  });

  /* Keys. Single keys can be switched off in the sheet (WCAG 2.1.4). */
  const keysOn = () => localStorage.getItem("comity-keys") !== "off";
  const toggle = $("#keys-on");
  if (toggle) {
    toggle.checked = keysOn();
    toggle.addEventListener("change", () => localStorage.setItem("comity-keys", toggle.checked ? "on" : "off"));
  }
  const rows = () => $$("table.rows tbody td.main a");
  const step = (by) => {
    const all = rows(), here = all.indexOf(document.activeElement?.closest("tr")?.querySelector("td.main a"));
    all[Math.max(0, Math.min(all.length - 1, here + by))]?.focus();
  };
  const press = (q) => { const el = $(q); if (el) { el.matches("input, textarea") ? el.focus() : el.click(); } return !!el; };
  const keys = {
    "?": () => openDialog("shortcuts"),
    "/": () => press("[data-key='/']") || press("#find"),
    j: () => step(1), k: () => step(-1),
    x: () => document.activeElement?.closest("tr")?.querySelector(".tick input")?.click(),
    n: () => press("[data-key=n]"), e: () => press("[data-key=e]"), c: () => press("[data-key=c]"),
    "[": () => press("[rel=prev]"), "]": () => press("[rel=next]"),
  };
  let leader = 0;
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") { e.preventDefault(); openDialog("palette"); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target) || $("dialog[open]") || !keysOn()) return;
    if (e.key === "g") { leader = e.timeStamp; return; }
    if (e.key === "h" && e.timeStamp - leader < 1000) { location.assign("/"); return; }
    if (keys[e.key]) { keys[e.key](); e.preventDefault(); }
  });

  /* Ticked rows */
  const counted = (form) => {
    const ticks = $$("tbody .tick input", form), on = ticks.filter((t) => t.checked).length, head = $("thead .tick input", form);
    if (head) { head.checked = on > 0 && on === ticks.length; head.indeterminate = on > 0 && on < ticks.length; }
    const word = $(".bulk [data-ticked]", form);
    if (word) word.textContent = $(".all:checked", form) ? $(".all", form).value : on;
  };
  let last = null;
  document.addEventListener("click", (e) => {
    const box = e.target.closest("tbody .tick input");
    if (!box) return;
    const all = $$("tbody .tick input", box.form);
    if (e.shiftKey && last) {
      const [a, b] = [all.indexOf(last), all.indexOf(box)].sort((x, y) => x - y);
      all.slice(a, b + 1).forEach((t) => { t.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (e) => {
    const form = e.target.form;
    if (e.target.matches("thead .tick input")) $$("tbody .tick input", form).forEach((t) => { t.checked = e.target.checked; });
    if (e.target.closest(".tick, .all") && form) counted(form);
    if (e.target.matches("[data-submit]")) form.requestSubmit();
  });

  /* Parts of pages: empty keys stay out of the address, a step opens in a dialog */
  document.addEventListener("htmx:configRequest", (e) => {
    const asked = e.detail.parameters;
    if (e.detail.verb === "get") [...asked.keys()].forEach((k) => { if (!asked.get(k)) asked.delete(k); });
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target.id !== "sheet") return;
    openDialog("sheet");
    $("[role=alert], input:not([type=hidden]), select, textarea", e.detail.target)?.focus();
  });
  document.addEventListener("click", (e) => {
    const closer = e.target.closest("dialog [data-close]");
    if (closer) { e.preventDefault(); closer.closest("dialog").close(); }
  });

  /* Reference fields: a list of what fits, from the server, within the person's rights */
  let asking = 0;
  const offer = async (field) => {
    const id = "lookup-" + (field.id || field.name);
    let found = document.getElementById(id);
    if (!found) {
      found = Object.assign(document.createElement("datalist"), { id });
      field.after(found);
      field.setAttribute("list", id);
    }
    const mine = ++asking, words = field.value.split(",").pop().trim();
    const answer = await fetch(field.dataset.lookup + "?q=" + encodeURIComponent(words), { credentials: "same-origin" });
    if (mine === asking && answer.ok) found.innerHTML = await answer.text();
  };
  document.addEventListener("focusin", (e) => { if (e.target.matches?.("[data-lookup]")) offer(e.target); });
  document.addEventListener("input", (e) => {
    if (!e.target.matches("[data-lookup]")) return;
    clearTimeout(wait);
    wait = setTimeout(offer, 150, e.target);
  });

  /* A note that is being written survives a reload of the page. */
  $$("[data-draft]").forEach((field) => {
    const key = "draft-" + field.dataset.draft;
    field.value ||= sessionStorage.getItem(key) || "";
    field.addEventListener("input", () => sessionStorage.setItem(key, field.value));
    field.form.addEventListener("submit", () => sessionStorage.removeItem(key));
  });

  /* What was typed and not saved isn't lost by a slip. */
  let dirty = false;
  document.addEventListener("input", (e) => { if (e.target.closest("form[data-guard]")) dirty = true; });
  document.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
})();
