/* Comity: keyboard first, on top of pages that work without it. No inline code, no eval, no dependency but htmx. */
(() => {
  "use strict";
  const $ = (q, at = document) => at.querySelector(q);
  const $$ = (q, at = document) => [...at.querySelectorAll(q)];
  /* The focus rests for a moment in a field of a dialog that was just closed: nobody types there. */
  const typing = (el) => el.checkVisibility() && el.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  Object.assign(htmx.config, {
    includeIndicatorStyles: false, allowEval: false, selfRequestsOnly: true, historyCacheSize: 0,
    refreshOnHistoryMiss: true, disableInheritance: true,
    responseHandling: [
      { code: "204", swap: false }, { code: "[23]..", swap: true }, { code: "409|422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });

  /* CSRF travels as a header so that no fragment needs a token of its own; the cookie's is right after a new sign-in. */
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || $("input[name=csrfmiddlewaretoken]")?.value || "";
  document.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = token(); });

  /* What was typed is kept over a sign-in, for the same person at the same address. Attributes: fields may be named "action". */
  const where = (form) => new URL(form.getAttribute("action") || "", location).pathname;
  let edited = null, dirty = false;
  const keep = (form) => {
    const values = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    sessionStorage.setItem("kept", JSON.stringify({ who: document.body.dataset.person, at: location.pathname, to: where(form), values }));
  };
  const refill = ({ to, values }) => {
    const form = $$("form[method=post]").find((one) => where(one) === to);
    if (!form) { $(`a[hx-get="${to}"]`)?.click(); return; }
    const given = Map.groupBy(values, ([name]) => name);
    [...form.elements].filter((field) => field.name && !field.matches("button, [type=file], [name=csrfmiddlewaretoken]")).forEach((field) => {
      const all = (given.get(field.name) || []).map(([, value]) => value);
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = all.includes(field.value);
      else if (field.multiple && field.options) [...field.options].forEach((one) => { one.selected = all.includes(one.value); });
      else field.value = all[0] ?? "";
    });
    dirty = true;
  };
  const leave = (to) => {
    if (!to) return;
    if (edited?.isConnected) keep(edited);
    dirty = false;
    location.assign(to);
  };
  const part = async (url) => {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href }, credentials: "same-origin" });
    leave(answer.headers.get("HX-Redirect"));
    return answer.status === 200 ? answer.text() : null;
  };
  document.addEventListener("htmx:beforeOnLoad", (e) => {
    if (e.detail.requestConfig.verb === "get" && e.detail.xhr.getResponseHeader("HX-Redirect") && edited?.isConnected) { keep(edited); dirty = false; }
  });
  const kept = JSON.parse(sessionStorage.getItem("kept"));
  const signedIn = document.referrer && new URL(document.referrer).pathname.startsWith("/accounts/");
  sessionStorage.removeItem("kept");
  if (kept && signedIn && kept.who === document.body.dataset.person && kept.at === location.pathname) {
    document.addEventListener("DOMContentLoaded", () => refill(kept)); /* htmx is ready by then */
    document.addEventListener("htmx:afterSwap", (e) => { if (e.detail.target.id === "sheet" && kept.to) { refill(kept); kept.to = ""; } });
  }

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
    const answer = await part(url);
    if (mine !== pending || answer === null) return;
    list.innerHTML = answer;
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
  const ofRow = () => document.activeElement?.closest("table.rows tbody tr")?.querySelector("td.main a");
  const act = (key, q) => { const row = ofRow(); if (row) location.assign(row.href + "#" + key); else press(q); };
  const press = (q) => { const el = $(q); if (el) { el.matches("input, textarea") ? el.focus() : el.click(); } return !!el; };
  const keys = {
    "?": () => openDialog("shortcuts"),
    "/": () => press("[data-key='/']") || press("#find"),
    j: () => step(1), k: () => step(-1),
    x: () => document.activeElement?.closest("tr")?.querySelector(".tick input")?.click(),
    o: () => ofRow()?.click(),
    n: () => press("[data-key=n]"),
    e: () => act("e", "[data-key=e]"), c: () => act("c", "[data-key=c]"), m: () => act("m", "[data-key=m]"),
    a: () => act("a", "[data-key=a]"), s: () => act("s", "[data-key=s]"), t: () => act("t", ".steps a.primary, .steps a"),
    "[": () => press("[rel=prev]"), "]": () => press("[rel=next]"),
  };
  /* A key pressed on a row opens its record and goes on there; it opens forms and never sends one. */
  const asked = location.hash.slice(1);
  if (/^[aecmst]$/.test(asked)) {
    history.replaceState(null, "", location.pathname + location.search);
    document.addEventListener("DOMContentLoaded", () => keys[asked]());
  }
  let leader = 0;
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") { e.preventDefault(); openDialog("palette"); return; }
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || typing(e.target) || $("dialog[open]") || !keysOn()) return;
    if (e.key === "g") { leader = e.timeStamp; return; }
    if (e.timeStamp - leader < 1000 && "hl".includes(e.key)) { leader = 0; e.key === "h" ? location.assign("/") : press(".crumb a"); return; }
    if (/^Arrow(Up|Down)$/.test(e.key) && ofRow()) { step(e.key === "ArrowDown" ? 1 : -1); e.preventDefault(); return; }
    if (keys[e.key]) { keys[e.key](); e.preventDefault(); }
  });

  /* Groups of the side bar stay unfolded as they were left in this browser; that of the page is, in any case. */
  const unfolded = JSON.parse(localStorage.getItem("comity-side") || "{}");
  $$(".side details").forEach((group) => {
    const name = $("summary", group).textContent;
    group.open ||= unfolded[name];
    $("summary", group).addEventListener("click", () => {
      unfolded[name] = !group.open;
      localStorage.setItem("comity-side", JSON.stringify(unfolded));
    });
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

  /* A part that was refused, or that failed, says so where it was asked for, in the words of the page that came instead. */
  const tell = (answer) => {
    const page = new DOMParser().parseFromString(answer, "text/html"), note = $("#failed").content.cloneNode(true);
    const words = [$("h1", page), $("h1 + p", page)].filter(Boolean).map((one) => one.textContent);
    if (words.length) $("span", note).textContent = words.join(": ");
    const said = $("[data-failed]"), place = $("#sheet[open] form") || $("#messages");
    if (said?.textContent === note.textContent) return;
    said?.remove();
    place.prepend(note);
    place.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:responseError", (e) => tell(e.detail.xhr.responseText));
  document.addEventListener("htmx:sendError", () => tell(""));
  document.addEventListener("htmx:afterRequest", (e) => { if (e.detail.successful) $("[data-failed]")?.remove(); });

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
    const answer = await part(field.dataset.lookup + "?q=" + encodeURIComponent(words));
    if (mine === asking && answer !== null) found.innerHTML = answer;
  };
  document.addEventListener("focusin", (e) => { if (e.target.matches?.("[data-lookup]")) offer(e.target); });
  document.addEventListener("input", (e) => {
    if (!e.target.matches("[data-lookup]")) return;
    clearTimeout(wait);
    wait = setTimeout(offer, 150, e.target);
  });

  /* Drafts: what its person touched in a form with a text stays in this tab until it is sent or thrown away. */
  const draftKey = (form) => `draft:${document.body.dataset.person}:${where(form)}${where(form) === location.pathname ? location.search : ""}`;
  const drafts = (at) => $$("form[method=post]:not([autocomplete=off])", at).filter((form) => $("textarea", form));
  const shown = (form) => $("[role=alert]", form) || form.matches("[data-unsent]"); /* the server gave it back */
  const restore = (form) => {
    const text = sessionStorage.getItem(draftKey(form));
    if (!text || shown(form)) return;
    const changed = Object.entries(JSON.parse(text)).filter(([name, value]) => form.elements[name] && form.elements[name].value !== value);
    changed.forEach(([name, value]) => { form.elements[name].value = value; });
    if (!changed.length) return;
    form.prepend($("#restored").content.cloneNode(true));
    edited = form;
  };
  const sent = sessionStorage.getItem("sent");
  if (sent && !signedIn && !drafts(document).some((form) => draftKey(form) === sent && shown(form))) sessionStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
  document.addEventListener("DOMContentLoaded", () => drafts($("main")).forEach(restore));
  document.addEventListener("htmx:afterSwap", (e) => { if (e.detail.target.id === "sheet") drafts(e.detail.target).forEach(restore); });
  document.addEventListener("input", (e) => {
    const form = e.target.closest("main form, #sheet form");
    if (!form || !e.target.name || !typing(e.target) || e.target.matches("[type=password], [type=file], [type=hidden]") || !drafts(form.parentNode).includes(form)) return;
    const key = draftKey(form), kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    sessionStorage.setItem(key, JSON.stringify({ ...kept, [e.target.name]: e.target.value }));
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest("a[href$='/logout/']")) { sessionStorage.clear(); dirty = false; }
    const form = e.target.closest("form [data-discard], dialog form [data-close]")?.closest("form");
    if (!form) return;
    sessionStorage.removeItem(draftKey(form));
    if (e.target.closest("[data-discard]")) { e.target.closest("[data-restored]").remove(); form.reset(); dirty = false; }
  });

  /* What was typed and not saved isn't lost by a slip, and a form that is on its way isn't sent twice. */
  document.addEventListener("input", (e) => {
    const form = e.target.closest("form[method=post]");
    if (form) edited = form;
    if (form?.matches("[data-guard]")) dirty = true;
  });
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.getAttribute("method") !== "post" || e.submitter?.formTarget) return; /* a look at it elsewhere sends nothing */
    if (form.dataset.sent) { e.preventDefault(); e.stopImmediatePropagation(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 10_000);
    const hidden = $("input[name=csrfmiddlewaretoken]", form);
    if (hidden) hidden.value = token();
    keep(form);
    if (drafts(form.parentNode).includes(form)) sessionStorage.setItem("sent", draftKey(form));
    dirty = false;
  }, true);
  document.addEventListener("htmx:afterRequest", (e) => { delete e.detail.elt.dataset.sent; });
  addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
  addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
})();
