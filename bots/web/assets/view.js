// What the visitor sees: bubbles, buttons, pictures. Knows nothing of the server.

const PAUSE = 60 * 60 * 1000; // ms of silence after which the time is shown again
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;
const TICK =
  '<svg class="tick" width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor"' +
  ' stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M2 7.5l3.5 3.5L12 3.5"/></svg>';
const SHEET =
  '<svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor"' +
  ' stroke-width="1.8" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M4 2h8l4 4v12H4zM12 2v4h4"/></svg>';

export class View {
  // `on` has tap(choice, messageId) and locate(); `words` are those of the page's language.
  constructor(log, scroll, newer, words, on) {
    Object.assign(this, { log, scroll, newer, words, on });
    this.turns = new Map();
    this.shownAt = 0;
    this.dots = this.makeDots();
    newer.addEventListener("click", () => this.toEnd(true));
    scroll.addEventListener("scroll", () => this.atEnd() && (newer.hidden = true));
    log.addEventListener("load", () => this.stuck && this.follow(), true);
    new ResizeObserver(() => this.stuck && this.follow()).observe(scroll);
  }

  // Everything that was said before; not read out by screen readers.
  replay(entries) {
    this.log.setAttribute("aria-live", "off");
    entries.forEach((entry) => this.show(entry));
    this.toEnd();
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
  }

  show(entry) {
    if (entry.kind === "cleared") return this.clear();
    if (entry.kind === "join") return undefined;
    if (entry.kind === "tap") this.choose(entry.of, entry.payload);
    if (this.turns.has(entry.id)) return undefined;
    if (entry.from === "onoo") this.stopTyping();
    return this.add(entry);
  }

  // What the visitor just did and the server does not have yet.
  showPending(entry) {
    if (entry.type === "join") return;
    if (this.turns.has(entry.id)) {
      this.turns.get(entry.id).classList.add("pending");
      return;
    }
    if (entry.type === "tap") this.choose(entry.of, entry.payload);
    const kind = entry.type === "file" ? "attachment" : entry.type;
    const text = entry.type === "tap" ? entry.label : entry.text;
    const turn = this.add(Object.assign({}, entry, { from: "visitor", kind, text }));
    turn.classList.add("pending");
    this.toEnd(true);
  }

  settle(id) {
    const turn = this.turns.get(id);
    if (turn) turn.classList.remove("pending");
  }

  refuse(id, reason) {
    const turn = this.turns.get(id);
    if (!turn) return;
    turn.classList.remove("pending");
    turn.classList.add("refused");
    turn.append(element("p", "note", `${this.words.not_sent}. ${reason}`));
    this.toEnd();
  }

  add(entry) {
    this.stuck = this.following();
    this.mark(entry.at ? new Date(entry.at) : new Date());
    const turn = element("div", `turn ${entry.from}`);
    const last = this.dots.previousElementSibling;
    if (last && !last.classList.contains(entry.from)) turn.classList.add("other-side");
    if (entry.lang) turn.lang = entry.lang;
    turn.append(element("span", "visually-hidden", `${this.words[entry.from === "onoo" ? "onoo" : "you"]}: `));
    turn.append(this.bubble(entry));
    this.log.insertBefore(turn, this.dots);
    this.turns.set(entry.id, turn);
    if (entry.from === "onoo") this.offer(entry, turn);
    if (this.stuck) this.follow();
    else if (entry.from === "onoo") this.newer.hidden = false;
    return turn;
  }

  bubble(entry) {
    const bubble = element("div", "bubble");
    const image = entry.picture || (/^image\/(jpeg|png|gif|webp)$/.test(entry.mime) && entry.media);
    const isFile = entry.kind === "attachment";
    if (image) bubble.append(picture(url(image), this.words.picture));
    else if (isFile && entry.file && entry.preview) bubble.append(picture(entry.preview, this.words.picture));
    else if (isFile) bubble.append(file(entry.media && url(entry.media), entry.text || this.words.file));
    if (entry.kind === "location") bubble.append(element("p", "words", `📍 ${this.words.location_mine}`));
    else if (entry.text && !isFile) bubble.append(linked(entry.text));
    if (entry.document) bubble.append(file(url(entry.document), this.words.document));
    return bubble;
  }

  offer(entry, turn) {
    this.log.querySelectorAll(".choices").forEach((old) => old.classList.add("quiet"));
    const choices = entry.choices || [];
    const locating = entry.wants === "location" && window.isSecureContext && navigator.geolocation;
    if (!choices.length && !locating) return;
    turn.classList.add("asking");
    const group = element("div", "choices");
    group.setAttribute("role", "group");
    group.style.setProperty("--columns", Math.min(entry.columns || 1, choices.length || 1));
    if (locating) {
      const button = element("button", "button primary wide", `📍 ${this.words.location}`);
      button.addEventListener("click", () => this.on.locate());
      group.append(button);
    }
    for (const choice of choices) {
      const button = element("button", "button", choice.label);
      button.dataset.payload = choice.payload;
      button.addEventListener("click", () => this.on.tap(choice, entry.id));
      group.append(button);
    }
    group.querySelectorAll("button").forEach((button) => (button.type = "button"));
    turn.append(group);
  }

  // Mark the button that was pressed; the others stay, but step back.
  choose(messageId, payload) {
    const turn = this.turns.get(messageId);
    const group = turn && turn.querySelector(".choices");
    if (!group) return;
    group.classList.add("quiet");
    group.querySelectorAll(".button").forEach((button) => {
      const chosen = button.dataset.payload === payload;
      if (chosen === button.classList.contains("chosen")) return;
      button.classList.toggle("chosen", chosen);
      button.setAttribute("aria-pressed", String(chosen));
      const tick = button.querySelector(".tick");
      if (tick) tick.remove();
      if (chosen) button.insertAdjacentHTML("afterbegin", TICK);
    });
  }

  startTyping() {
    this.stuck = this.following();
    this.dots.hidden = false;
    if (this.stuck) this.follow();
    clearTimeout(this.tiring);
    this.tiring = setTimeout(() => this.stopTyping(), 10000);
  }

  stopTyping() {
    this.dots.hidden = true;
  }

  makeDots() {
    const dots = element("div", "turn onoo typing");
    const bubble = element("div", "bubble");
    bubble.append(element("i"), element("i"), element("i"));
    dots.append(bubble);
    dots.setAttribute("aria-hidden", "true");
    dots.hidden = true;
    this.log.append(dots);
    return dots;
  }

  mark(at) {
    const first = at - this.shownAt > PAUSE;
    this.shownAt = Math.max(this.shownAt, at);
    if (!first) return;
    const today = new Date().toDateString() === at.toDateString();
    const locale = document.documentElement.lang;
    const day = today ? this.words.today : at.toLocaleDateString(locale, { month: "long", day: "numeric" });
    const hour = at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.log.insertBefore(element("p", "chat-day", `${day}, ${hour}`), this.dots);
  }

  clear() {
    this.turns.clear();
    this.shownAt = 0;
    this.log.textContent = "";
    this.log.append(this.dots);
  }

  atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 80;
  }

  following() {
    return this.atEnd() || this.scroll.scrollTop === this.heldAt;
  }

  // To the end, but no further than the visitor's own last words: a long answer is read from its start.
  follow() {
    this.toEnd();
    const mine = [...this.log.querySelectorAll(".turn.visitor")].pop();
    if (!mine) return;
    const above = mine.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top;
    if (above >= 0) return;
    this.scroll.scrollTop += above - 8;
    this.heldAt = this.scroll.scrollTop;
    this.newer.hidden = this.atEnd();
  }

  toEnd(force) {
    this.heldAt = null;
    if (force) this.stuck = true;
    this.newer.hidden = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function url(media) {
  return `/chat/media/${encodeURIComponent(media)}`;
}

function linked(text) {
  const words = element("p", "words");
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    words.append(text.slice(from, found.index), opener(found[0], "", found[0]));
    from = found.index + found[0].length;
  }
  words.append(text.slice(from));
  return words;
}

function opener(href, className, text) {
  const link = element("a", className, text);
  Object.assign(link, { href, target: "_blank", rel: "noopener noreferrer" });
  return link;
}

function picture(href, alt) {
  const link = opener(href, "picture");
  const image = element("img");
  Object.assign(image, { src: href, alt });
  link.append(image);
  return link;
}

function file(href, text) {
  const made = href ? opener(href, "file") : element("span", "file");
  made.innerHTML = SHEET;
  made.append(text);
  return made;
}
