// The wire view: every callback and its answer, newest first. It stands still while somebody reads further
// down, and tells how many wait.

import { copyOf, option, partsOf, say, timeOf } from "./parts.js";

const most = 300; // lines that are shown

// What goes from the provider to the application; the rest comes from there.
const toApplication = ["callback", "event", "report", "text"];

export class Wire {
  #desk;
  #parts;
  #held = [];

  constructor(root, desk) {
    this.#desk = desk;
    this.#parts = partsOf(root);
    const { lines, held, clear, filter } = this.#parts;
    lines.addEventListener("scroll", () => this.#still || this.#release());
    held.addEventListener("click", () => {
      lines.scrollTop = 0;
      this.#release();
    });
    clear.addEventListener("click", () => this.clear());
    filter.addEventListener("change", () => this.#filter());
  }

  get #still() {
    return this.#parts.lines.scrollTop > 4;
  }

  add(line) {
    if (!this.#still) return this.#put(line);
    this.#held.push(line);
    this.#held.splice(0, this.#held.length - most);
    this.#tellHeld();
  }

  clear() {
    this.#held = [];
    this.#parts.lines.replaceChildren();
    this.#parts.empty.hidden = false;
    this.#tellHeld();
  }

  /** The phones that can be chosen are those on the desk. */
  nameFilters() {
    const { filter } = this.#parts;
    const chosen = filter.value;
    const phones = this.#desk.handsets.map((h) => option(h.number, this.#desk.nameOf(h.number)));
    filter.replaceChildren(option("", "all phones"), ...phones);
    filter.value = phones.some((o) => o.value === chosen) ? chosen : "";
    this.#filter();
  }

  #release() {
    const lines = this.#held;
    this.#held = [];
    for (const line of lines) this.#put(line);
    this.#tellHeld();
  }

  #tellHeld() {
    const { held } = this.#parts;
    held.hidden = this.#held.length === 0;
    say(held, `${this.#held.length} newer`);
  }

  #put(line) {
    const { lines, empty } = this.#parts;
    empty.hidden = true;
    lines.prepend(this.#draw(line));
    if (lines.children.length > most) lines.lastElementChild.remove();
  }

  #filter() {
    for (const item of this.#parts.lines.children) item.hidden = !this.#passes(item);
  }

  #passes(item) {
    const { value } = this.#parts.filter;
    return !value || item.dataset.phones.split(",").includes(value);
  }

  #draw(line) {
    const form = new URLSearchParams(line.sent);
    const { root, ...parts } = copyOf("line");
    root.dataset.phones = form.get("to") || line.phone || "";
    root.hidden = !this.#passes(root);
    const out = toApplication.includes(line.what);
    root.classList.add(out ? "out" : "in");
    say(parts.direction, out ? "to the application" : "from the application");
    root.classList.toggle("bad", line.status < 200 || line.status > 299);
    say(parts.at, timeOf(line.at, true));
    say(parts.what, line.hop && line.what === "callback" ? `callback ${line.hop}` : line.what);
    say(parts.who, line.phone ? this.#desk.nameOf(line.phone) : "");
    say(parts.took, line.status || line.tookMs ? `${line.tookMs < 10 ? line.tookMs.toFixed(1) : Math.round(line.tookMs)} ms` : "");
    say(parts.sent, gist(line.what, form));
    say(parts.got, answer(line));
    say(parts.did, [...(line.did || []), line.note].filter(Boolean).join(" · "));
    for (const [field, value] of form) {
      const name = Object.assign(document.createElement("dt"), { textContent: field });
      parts.fields.append(name, Object.assign(document.createElement("dd"), { textContent: value || "(empty)" }));
    }
    return root;
  }
}

/** What a person wants to know of a request, by what it is. */
function gist(what, form) {
  switch (what) {
    case "callback":
      return form.has("text") ? form.get("text") || `dialled ${form.get("serviceCode")}` : "";
    case "event":
      return `${form.get("status")}, ${form.get("hopsCount")} hops`;
    case "report":
      return form.get("status");
    case "text":
      return form.get("text");
    case "sms":
      return form.get("message");
    default:
      return form.toString();
  }
}

/** The answer: the words of a page, the gist of what the provider says about an SMS. */
function answer(line) {
  if (line.what === "sms" && line.status === 201) {
    try {
      return JSON.parse(line.got).SMSMessageData.Message;
    } catch {
      return line.got; // cut, or odd on purpose
    }
  }
  if (line.status === 200) return line.got.trim() || "200";
  return line.status ? `${line.status} ${line.got}` : "no answer";
}
