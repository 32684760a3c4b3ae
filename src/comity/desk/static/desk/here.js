/* Who else is at this record: a beat every twenty seconds, only while the page is seen. */
(() => {
  "use strict";
  const line = document.getElementById("here");
  if (!line) return;
  document.querySelector("main .crumb")?.after(line);
  const typed = () => [...document.querySelectorAll("main textarea")].some((field) => field.value !== field.defaultValue);
  const editing = () => !!document.querySelector("#sheet[open]") || typed() || location.pathname !== line.dataset.of;
  const beat = async () => {
    if (document.visibilityState !== "visible") return;
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
    try {
      const answer = await fetch(line.dataset.beat, {
        method: "POST", body: new URLSearchParams({ editing: editing() ? "1" : "0" }), redirect: "manual",
        headers: { "X-CSRFToken": token }, credentials: "same-origin",
      });
      if (answer.status !== 200) return;
      const words = (await answer.text()).trim();
      if (words !== line.dataset.words) { line.innerHTML = words; line.dataset.words = words; }
    } catch { /* the next beat tries again */ }
  };
  setTimeout(beat, 1000);
  setInterval(beat, 20_000);
  document.addEventListener("visibilitychange", beat);
})();
