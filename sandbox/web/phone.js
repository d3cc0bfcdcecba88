// A phone: what its keys do, and what its screen shows. It shows what the sandbox says that it shows; only
// what is being typed, and where in its inbox somebody is, are its own.

import { ask } from "./service.js";
import { copyOf, option, say } from "./parts.js";
import { Reader } from "./reader.js";

const another = "another"; // in the list of owners: a number that is typed

export class Handset {
  view = null; // as the sandbox last told it
  #desk;
  #reader; // of its SMS; null while the screen is the call's
  #done = false; // the last page of a call was put away
  #last = ""; // dialled

  constructor(desk, number) {
    this.#desk = desk;
    this.number = number;
    const { root, ...parts } = copyOf("phone");
    this.root = root;
    this.parts = parts;
    this.#wire();
  }

  // What the desk tells it.

  /** Puts the phone up, if the sandbox has none with its number. */
  async putUp() {
    const view = await ask("POST", "phones", { number: this.number });
    if (view.number === this.number) this.view ??= view; // else the feed has told something newer
    this.draw();
  }

  /** Makes it the phone with another number, or on another network. */
  async belong(number, network) {
    const view = await ask("POST", "phones", { number, network });
    if (view.number === this.number) return;
    if (this.#desk.has(view.number)) throw new Error("That phone is on the desk already.");
    ask("POST", `phones/${encodeURIComponent(this.number)}/hangup`).catch(() => {}); // nobody holds it any more
    this.number = view.number;
    this.view = view;
    this.#reader = null;
    this.parts.typed.value = "";
  }

  show(view) {
    const turned = !this.view || view.call !== this.view.call || view.hop !== this.view.hop;
    if (turned && view.call) {
      this.#reader = null; // a page comes first
      this.#done = false;
    }
    this.view = view;
    this.draw();
  }

  /** The sandbox began anew. */
  forget() {
    this.view = this.#reader = null;
  }

  /** The phone is taken in hand: what is typed goes to it. On glass, no keyboard is pulled up for that. */
  takeUp() {
    const writes = this.#reader?.field || (this.#reader ? null : this.parts.typed);
    const field = matchMedia("(hover: none)").matches ? null : writes;
    (field || this.root).focus({ preventScroll: true });
  }

  // What the keys do.

  /** The green key, and Enter: dials, answers, opens or sends. */
  async call() {
    if (this.#reader) return this.#reader.go();
    if (!this.view || this.view.waiting) return;
    const typed = this.parts.typed.value;
    if (this.view.call) return this.#send("answer", { text: typed });
    if (!typed.trim()) {
      // As on any phone: with nothing typed, the green key brings back what was dialled last.
      this.#done = true;
      this.parts.typed.value = this.#last || this.#desk.state.codes?.[0] || "";
      return this.draw();
    }
    this.#last = typed.trim();
    this.#send("dial", { code: typed });
  }

  /** The red key, and Escape. */
  hang() {
    this.#reader = null;
    this.#done = true;
    this.parts.typed.value = "";
    if (this.view?.call) this.#send("hangup");
    else this.draw();
    this.takeUp();
  }

  left() {
    if (this.#reader || this.view?.call) return this.call();
    this.#read(this.#reader = new Reader(this, this.#desk));
  }

  right() {
    if (this.#reader) {
      if (!this.#reader.back()) this.#reader = null;
    } else if (this.#page() && !this.view.call) {
      this.#done = true;
    } else if (this.parts.typed.value) {
      this.parts.typed.value = this.parts.typed.value.slice(0, -1);
    } else if (!this.view?.call) {
      return this.#read(Reader.writing(this, this.#desk));
    }
    this.draw();
    this.takeUp();
  }

  move(by) {
    if (this.#reader) this.#reader.move(by);
    else this.parts.page.scrollBy({ top: by * 30 });
  }

  type(key) {
    navigator.vibrate?.(8);
    this.#flash(key);
    const field = this.#reader ? this.#reader.field : this.parts.typed;
    if (!field || field.readOnly) return;
    field.value = (field.value + key).slice(0, field.maxLength);
    field.dispatchEvent(new Event("input"));
  }

  /** Asks the sandbox, and shows what will come of it, so that a second press finds the phone busy already. */
  async #send(what, body) {
    const { view, parts } = this;
    const typed = parts.typed.value;
    const expected = (this.view = { ...view, ...(what === "hangup" ? { call: "", waiting: false } : { waiting: true }) });
    if (what === "dial") this.#done = false;
    parts.typed.value = "";
    this.draw();
    const taken = await this.attempt(() => ask("POST", `phones/${encodeURIComponent(this.number)}/${what}`, body));
    if (taken || this.view !== expected) return;
    this.view = view;
    parts.typed.value = typed;
    this.draw();
  }

  /** Does something that the sandbox may refuse; why is told above the phone. */
  async attempt(something) {
    say(this.parts.error, "");
    try {
      return await something();
    } catch (e) {
      say(this.parts.error, e.message);
    }
  }

  #read(reader) {
    this.#reader = reader;
    this.draw();
    this.takeUp();
  }

  // What the screen shows.

  draw() {
    const { parts, view } = this;
    if (!view) return;
    this.#drawPlate();
    const unread = this.#desk.inbox.unread(this.number);
    say(parts.operator, view.network.name);
    say(parts.unread, unread ? String(unread) : "");
    parts.mail.classList.toggle("new", unread > 0);
    parts.mail.setAttribute("aria-label", `Messages, ${unread} unread`);
    this.root.classList.toggle("oncall", Boolean(view.call));
    this.root.classList.toggle("waiting", view.waiting);
    this.#drawRuler();
    for (const part of ["list", "text"]) parts[part].hidden = true;
    parts.page.hidden = false;
    parts.line.hidden = Boolean(this.#reader);
    if (this.#reader) this.#label(...this.#reader.draw());
    else this.#drawCall(unread);
  }

  #drawCall(unread) {
    const { parts, view } = this;
    const page = this.#page();
    parts.page.classList.toggle("idle", !page);
    const mail = unread ? `${unread} new message${unread > 1 ? "s" : ""}` : "";
    if (view.waiting) say(parts.page, "Please wait");
    else say(parts.page, page || [view.name || view.number, mail].filter(Boolean).join("\n\n"));
    parts.typed.readOnly = view.waiting;
    parts.typed.placeholder = view.call ? "Answer" : this.#desk.state.codes?.[0] || "*384*96#";
    parts.typed.setAttribute("aria-label", view.call ? "Answer" : "Code to dial");
    if (view.waiting) return this.#label("", "");
    if (view.call) return this.#label("Send", parts.typed.value ? "Clear" : "");
    this.#label("Messages", page ? "OK" : parts.typed.value ? "Clear" : "Write");
  }

  #page() {
    return this.#done ? "" : this.view?.screen.text || "";
  }

  #label(left, right) {
    for (const [side, label] of [["left", left], ["right", right]]) {
      say(this.parts[`${side}Label`], label);
      this.parts[side].setAttribute("aria-label", label || "Nothing");
    }
  }

  #drawRuler() {
    const { used, limit, ucs2, wrong } = this.view.screen;
    const shown = this.#done || this.view.waiting ? 0 : used;
    this.parts.ruler.classList.toggle("over", shown > limit);
    this.parts.ruler.style.setProperty("--used", Math.min(1, shown / (limit || 1)));
    const units = ucs2 ? "UCS-2 units" : "septets";
    const measured = shown ? `${shown} of ${limit} ${units}` : "";
    const why = this.#done ? "" : wrong || "";
    say(this.parts.used, why.startsWith("too long") ? `${why} ${units}` : why || measured);
    this.parts.used.classList.toggle("wrong", Boolean(why));
  }

  #drawPlate() {
    const { owner, network, what } = this.parts;
    const { people, networks } = this.#desk.state;
    const known = people.find((p) => p.number === this.number);
    const options = people.map((p) => option(p.number, p.name));
    if (!known) options.push(option(this.number, this.number));
    fill(owner, [...options, option(another, "another number…")], this.number);
    const operators = networks.map((n) => option(n.code, n.name));
    if (!networks.some((n) => n.code === this.view.network.code)) operators.push(option(this.view.network.code, this.view.network.code));
    fill(network, operators, this.view.network.code);
    say(what, [known?.what, this.number].filter(Boolean).join(" · "));
    say(this.parts.hint, known?.hint || "");
    this.root.setAttribute("aria-label", `Phone of ${known?.name || this.number}`);
  }

  // Which key is which.

  #wire() {
    const { parts, root } = this;
    for (const name of ["call", "hang", "left", "right"]) parts[name].addEventListener("click", () => this[name]());
    parts.up.addEventListener("click", () => this.move(-1));
    parts.down.addEventListener("click", () => this.move(1));
    parts.mail.addEventListener("click", () => this.#read(new Reader(this, this.#desk)));
    for (const key of root.querySelectorAll("[data-key]")) key.addEventListener("click", () => this.type(key.dataset.key));
    // A key does not take the focus from what is being typed: Enter after a click is the green key.
    root.querySelector(".keys").addEventListener("mousedown", (e) => {
      e.preventDefault();
      if (!root.contains(document.activeElement)) this.takeUp();
    });
    parts.typed.addEventListener("input", () => {
      if (!this.view?.call) this.#done = true; // who dials has read the page of the call before
      this.draw();
    });
    root.addEventListener("keydown", (e) => this.#keydown(e));
    this.#wirePlate();
  }

  #keydown(e) {
    if (e.target.closest(".plate") || e.ctrlKey || e.metaKey || e.altKey) return;
    const field = e.target.matches("input, textarea");
    if (e.key === "Escape") this.hang();
    else if (e.key === "Enter" && !e.target.matches("button") && !e.shiftKey) this.call();
    else if (e.key === "ArrowUp" && !e.target.matches("textarea")) this.move(-1);
    else if (e.key === "ArrowDown" && !e.target.matches("textarea")) this.move(1);
    else if (!field && /^[0-9*#+]$/.test(e.key)) this.type(e.key);
    else if (!field && e.key === "Backspace") this.right();
    else {
      if (field) this.#flash(e.key);
      return;
    }
    e.preventDefault();
  }

  #flash(key) {
    const button = [...this.root.querySelectorAll("[data-key]")].find((k) => k.dataset.key === key);
    if (!button) return;
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), 120);
  }

  #wirePlate() {
    const { parts } = this;
    const move = (number, network) =>
      this.attempt(async () => {
        await this.belong(number, network);
        parts.another.hidden = true;
      }).then(() => {
        this.draw();
        this.#desk.changed();
      });
    parts.owner.addEventListener("change", () => {
      parts.another.hidden = parts.owner.value !== another;
      if (parts.another.hidden) move(parts.owner.value);
      else parts.number.focus();
    });
    parts.number.addEventListener("change", () => move(parts.number.value));
    parts.network.addEventListener("change", () => move(this.number, parts.network.value));
    parts.remove.addEventListener("click", () => {
      this.hang();
      this.#desk.remove(this);
    });
  }
}

/** Puts options into a list, unless they are there: a list that is open must not change under the hand. */
function fill(list, options, chosen) {
  const same = list.options.length === options.length && options.every((o, i) => list.options[i].value === o.value);
  if (!same) list.replaceChildren(...options);
  if (list.value !== chosen && document.activeElement !== list) list.value = chosen;
}

