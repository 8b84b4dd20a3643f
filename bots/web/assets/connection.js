// The line to the server. Whatever the visitor does waits in a queue, one at a time and in
// order, until the server says it has it; so nothing is lost or doubled by a poor link.

const QUEUE = "onoo.queue";
const ANSWER_WITHIN = 20000; // ms until a silent server counts as gone
const SLOWEST_RETRY = 20000; // ms
const NO_COOKIE = 4001; // close code, as in webchat.py

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export class Connection {
  // `on` has: entries(list, replay), typing(), state(name), taken(item), refused(item, code).
  constructor(on) {
    this.on = on;
    this.queue = stored();
    this.after = 0;
    this.failures = 0;
    this.ready = false;
    this.sending = null;
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.some((item) => item.file)) event.preventDefault();
    });
  }

  open() {
    clearTimeout(this.retrying);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/chat/ws?after=${this.after}`);
    this.socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    this.socket.onclose = (event) => this.lost(event.code);
  }

  add(item) {
    this.queue.push(item);
    this.store();
    this.pump();
  }

  waits(same) {
    return this.queue.some(same);
  }

  receive(frame) {
    if (frame.type === "entries") this.show(frame);
    else if (frame.type === "typing") this.on.typing();
    else if (frame.type === "ack") this.settle(frame.id, (item) => this.on.taken(item));
    else if (frame.type === "error") this.failed(frame);
  }

  show(frame) {
    for (const entry of frame.entries) this.after = Math.max(this.after, entry.seq);
    this.on.entries(frame.entries, frame.replay);
    if (frame.replay) {
      this.ready = true;
      this.failures = 0;
      this.on.state("open");
      this.pump();
    }
  }

  pump() {
    if (!this.ready || this.sending || !this.queue.length) return;
    const item = this.queue[0];
    this.sending = item;
    if (item.type === "file") {
      this.uploading = true;
      upload(item).then((frame) => {
        this.uploading = false;
        this.receive(frame);
      });
      return;
    }
    this.socket.send(JSON.stringify(item));
    this.silence = setTimeout(() => this.drop(), ANSWER_WITHIN);
  }

  settle(id, then) {
    const item = this.sending;
    if (!item || (id && item.id !== id)) return;
    clearTimeout(this.silence);
    this.sending = null;
    this.tries = 0;
    this.queue.shift();
    this.store();
    this.on.state("open");
    then(item);
    this.pump();
  }

  failed(frame) {
    if (!frame.retry) {
      this.settle(frame.id, (item) => this.on.refused(item, frame.code));
      return;
    }
    clearTimeout(this.silence);
    this.tries = (this.tries || 0) + 1;
    if (this.tries > 1) this.on.state("busy");
    this.resting = setTimeout(() => {
      this.sending = null;
      this.pump();
    }, Math.max(frame.after * 1000, backoff(this.tries)));
  }

  lost(code) {
    clearTimeout(this.silence);
    clearTimeout(this.resting);
    this.ready = false;
    if (!this.uploading) this.sending = null;
    this.on.state(code === NO_COOKIE ? "cookies" : this.after ? "offline" : "connecting");
    if (code === NO_COOKIE) return;
    this.failures += 1;
    this.retrying = setTimeout(() => this.open(), backoff(this.failures));
  }

  drop() {
    // A dead link may take minutes to close by itself.
    this.socket.onclose = null;
    this.socket.close();
    this.lost(1006);
  }

  hurry() {
    if (this.socket.readyState === WebSocket.CLOSED) this.open();
  }

  store() {
    const words = this.queue.filter((item) => !item.file);
    sessionStorage.setItem(QUEUE, JSON.stringify(words));
  }
}

function stored() {
  try {
    return JSON.parse(sessionStorage.getItem(QUEUE)) || [];
  } catch (fault) {
    return [];
  }
}

function backoff(times) {
  const longest = Math.min(SLOWEST_RETRY, 500 * 2 ** (times - 1));
  return longest * (0.5 + Math.random() / 2);
}

async function upload(item) {
  const failed = { type: "error", id: item.id, code: "busy", after: 0, retry: true };
  try {
    const response = await fetch("/chat/upload", {
      method: "POST",
      body: item.file,
      headers: {
        "Content-Type": "application/octet-stream",
        "X-Event-Id": item.id,
        "X-File-Name": encodeURIComponent(item.file.name || ""),
      },
    });
    return Object.assign(failed, await response.json(), { id: item.id });
  } catch (fault) {
    return failed;
  }
}
