"use strict";
// What the pages do besides links and forms: times in the reader's own zone, one click a form, and live progress.
(() => {
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (!isNaN(at)) {
      time.title = time.textContent;
      time.textContent = day.format(at);
    }
  }

  let sent = false;
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (sent) return event.preventDefault();
    sent = true;
    // Later, since a button that is disabled is not sent with its form.
    setTimeout(() => {
      for (const button of document.querySelectorAll("form[method=post] button")) button.disabled = true;
    });
  });
  addEventListener("pageshow", () => {
    sent = false;
    for (const button of document.querySelectorAll("form[method=post] button")) button.disabled = false;
  });

  const live = document.querySelector("[data-progress]");
  if (!live) return;
  const bar = live.querySelector("progress");
  const words = live.querySelector("[data-words]");
  const typed = () => [...document.querySelectorAll("textarea, main input:not([type=hidden])")].some(
    (field) => field.value !== field.defaultValue);
  let failures = 0;
  let spoken = -1;
  const said = live.querySelector("[data-said]");
  // What somebody typed is not thrown away: they are told instead.
  const changed = () => {
    if (!typed()) return location.reload();
    if (words) words.textContent = "This has changed meanwhile: load the page again to see it as it stands. ";
  };
  const show = (now) => {
    if (!bar || now.items <= 0) return;
    bar.max = now.items;
    bar.value = now.done;
    const tenth = Math.floor((10 * now.done) / now.items);
    if (tenth !== spoken) words.textContent = now.words; // a screen reader speaks it, so not each step
    spoken = tenth;
  };
  const look = async () => {
    try {
      const answer = await fetch(live.dataset.progress, { headers: { Accept: "application/json" } });
      if (answer.status === 401) return changed();
      if (!answer.ok) throw new Error(answer.statusText);
      const now = await answer.json();
      if (now.state !== live.dataset.state) {
        if (!now.note || !said) return changed();
        words.textContent = now.note; // a check that found nothing: the rest of the page is as it was
        said.textContent = "";
        live.dataset.state = now.state;
      }
      failures = 0;
      show(now);
    } catch {
      failures++;
    }
    setTimeout(look, Math.min(2000 * 2 ** failures, 30000));
  };
  setTimeout(look, 1000);
})();
