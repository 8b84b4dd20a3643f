// Puts the page together: the composer, the line to the server, and what is shown.

import { Connection, newId } from "./connection.js";
import { shrunk } from "./pictures.js";
import { View } from "./view.js";

const find = (id) => document.getElementById(id);
const everyWord = JSON.parse(find("words").textContent);
const { maxText, maxUpload } = document.body.dataset;
const input = find("input");
const status = find("status");
const DRAFT = "onoo.draft";

const view = new View(find("log"), find("scroll"), find("newer"), {}, { tap, locate });
const connection = new Connection({ entries, typing: () => view.startTyping(), state, taken, refused });

function speak(language) {
  const words = everyWord[language];
  view.words = words;
  document.documentElement.lang = language;
  document.title = words.title;
  document.cookie = `onoo-language=${language};path=/;max-age=31536000;samesite=lax`;
  document.querySelectorAll("[data-word]").forEach((node) => (node.textContent = words[node.dataset.word]));
  document.querySelectorAll("[data-label]").forEach((node) => node.setAttribute("aria-label", words[node.dataset.label]));
  input.placeholder = words.input;
}

// What came from the server; the page then speaks the language the conversation is in.
function entries(list, replay) {
  if (replay) {
    view.replay(list);
    connection.queue.forEach((item) => view.showPending(item));
    if (!connection.after && !connection.waits((item) => item.type === "join")) join("");
  } else list.forEach((entry) => view.show(entry));
  const said = list.filter((entry) => entry.kind === "said" && entry.text).pop();
  if (said && said.lang !== document.documentElement.lang) speak(said.lang);
}

function state(name) {
  const text = view.words[name];
  status.hidden = name === "open" || !text;
  status.textContent = status.hidden ? "" : text;
}

function taken(item) {
  view.settle(item.id);
  view.startTyping();
}

function refused(item, code) {
  view.refuse(item.id, (view.words[code] || view.words.refused).replace("{limit}", maxText));
}

function say(item) {
  view.showPending(item);
  connection.add(item);
}

function join(payload) {
  connection.add({ type: "join", id: newId(), payload });
}

function tap(choice, messageId) {
  const same = (item) => item.type === "tap" && item.of === messageId && item.payload === choice.payload;
  if (connection.waits(same)) return;
  say({ type: "tap", id: newId(), payload: choice.payload, label: choice.label.slice(0, 200), of: messageId });
}

function locate() {
  const tell = (words) => {
    status.hidden = !words;
    status.textContent = words;
  };
  tell(view.words.location_finding);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      tell("");
      const { latitude, longitude } = coords;
      say({ type: "location", id: newId(), latitude, longitude });
    },
    (fault) => tell(fault.code === 1 ? view.words.location_denied : view.words.location_failed),
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
  );
}

async function attach(chosen) {
  const file = await shrunk(chosen);
  const preview = /^image\//.test(file.type) ? URL.createObjectURL(file) : "";
  const item = { type: "file", id: newId(), file, preview, text: file.name };
  if (file.size <= maxUpload) return say(item);
  view.showPending(item);
  return refused(item, "too_big");
}

function submit() {
  // Half a character (a lone surrogate) is not valid in UTF-8.
  const text = input.value.replace(/[\ud800-\udfff]/gu, "").trim();
  if (!text) return;
  if (Array.from(text).length > maxText) {
    state("open");
    status.hidden = false;
    status.textContent = view.words.too_long.replace("{limit}", maxText);
    return;
  }
  say({ type: "text", id: newId(), text });
  input.value = "";
  grow();
}

function grow() {
  sessionStorage.setItem(DRAFT, input.value);
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 2}px`;
}

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("input", grow);
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
find("attach").addEventListener("click", () => find("file").click());
find("file").addEventListener("change", async (event) => {
  const chosen = Array.from(event.target.files);
  event.target.value = "";
  for (const file of chosen) await attach(file);
});

const address = new URL(location.href);
speak(document.documentElement.lang);
input.value = sessionStorage.getItem(DRAFT) || "";
grow();
if (address.searchParams.has("c")) {
  const payload = address.searchParams.get("c");
  if (/^[A-Za-z0-9_=:.-]{1,64}$/.test(payload)) join(payload);
  address.searchParams.delete("c");
  history.replaceState(null, "", address);
}
if (matchMedia("(hover: hover)").matches) input.focus();
connection.open();
