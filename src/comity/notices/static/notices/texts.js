/* Texts of ours for answers: the button below a text to the customer, or Ctrl I in it, lists them; the chosen one is put
   in at the caret. A chord, because single letters are letters here. */
(() => {
  "use strict";
  const box = document.getElementById("texts"), button = document.getElementById("insert-text").content;
  let field = null;
  const open = async (into) => {
    field = into;
    const form = new URL(field.form.getAttribute("action") || "", location);
    await htmx.ajax("GET", new URL("../texts/", form).pathname, "#texts ul");
    if (box.querySelector("li")) box.showModal();
  };
  const dress = (at) => at.querySelectorAll("textarea[data-texts]").forEach((one) => {
    one.after(button.cloneNode(true));
    one.setAttribute("aria-keyshortcuts", "Control+I");
  });
  dress(document);
  document.addEventListener("htmx:afterSwap", (e) => dress(e.detail.target));
  document.addEventListener("keydown", (e) => {
    const chord = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "i";
    if (chord && e.target.matches("textarea[data-texts]")) { e.preventDefault(); open(e.target); }
  });
  document.addEventListener("click", (e) => {
    const opener = e.target.closest("[data-insert]"), chosen = e.target.closest("#texts [value]");
    if (opener) open(opener.previousElementSibling);
    if (!chosen) return;
    box.close();
    const subject = field.form.elements.summary;
    if (subject && !subject.value) subject.value = chosen.dataset.subject;
    field.focus();
    field.setRangeText(chosen.value, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
