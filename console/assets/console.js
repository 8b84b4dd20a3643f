// What the pages need beside htmx: live updates, and a chat pane that shows its latest words.

// Live: an element with data-live="topic" is asked to reload itself when that topic has news;
// data-seen is the version it shows, so that nothing is missed while the page is on its way.
const watched = [...document.querySelectorAll("[data-live]")].map((e) => e.dataset);
const topics = [...new Set(watched.map((e) => (e.seen ? `${e.live}@${e.seen}` : e.live)))];

if (topics.length > 0) {
  const query = topics.map((topic) => "topic=" + encodeURIComponent(topic)).join("&");
  const source = new EventSource("/console/live?" + query);
  source.addEventListener("news", (event) => {
    document.querySelectorAll("[data-live]").forEach((element) => {
      if (element.dataset.live === event.data) htmx.trigger(element, "news");
    });
  });
}

function toEnd(root) {
  root.querySelectorAll(".talk").forEach((talk) => {
    talk.scrollTop = talk.scrollHeight;
  });
}

toEnd(document);
document.addEventListener("htmx:afterSettle", () => toEnd(document));

// A menu opened on a phone closes with Escape.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[open]").forEach((details) => {
    details.open = false;
  });
});
