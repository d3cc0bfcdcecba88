// The page: which phones lie on the desk, and what is told to them and to the panels beside.

import { ask, follow } from "./service.js";
import { Handset } from "./phone.js";
import { Hostility } from "./hostility.js";
import { Inbox } from "./inbox.js";
import { Wire } from "./wire.js";
import { say } from "./parts.js";

const kept = "phones"; // in the browser's storage: the numbers on the desk
const hinted = "hinted";

class Desk {
  inbox = new Inbox();
  wire = new Wire(document.getElementById("wire"), this);
  hostility = new Hostility(document.getElementById("hostility"));
  handsets = [];
  chosen = null; // the one that a narrow window shows
  state = { phones: [], people: [], networks: [], codes: [] };
  #phones = document.querySelector(".phones");
  #tabs = document.querySelector(".tabs");
  #service = document.getElementById("service");

  async begin() {
    document.getElementById("add").addEventListener("click", () => this.add());
    while (!(await this.#load())) await new Promise((done) => setTimeout(done, 1000));
    this.#hint();
    for (const number of this.#first()) await this.#lay(number).catch(() => {});
    this.choose(this.handsets[0]);
    this.handsets[0]?.takeUp();
    follow({
      phone: (view) => this.#find(view.number)?.show(view),
      message: (message) => this.#message(message),
      wire: (line) => this.wire.add(line),
      up: () => this.#up(),
      down: () => this.#tell("The sandbox is gone. This page goes on when it is back.", true),
      reset: () => this.#reset(),
    });
  }

  #message(message) {
    this.inbox.add(message);
    this.#find(message.to)?.draw();
    this.#drawTabs();
  }

  async #up() {
    this.#tell("Live", false);
    if (!(await this.#load())) return;
    // A sandbox that began anew knows none of our phones.
    for (const h of this.handsets) await h.putUp().catch(() => {});
  }

  #reset() {
    this.inbox.forget();
    this.wire.clear();
    for (const h of this.handsets) {
      h.forget();
      h.putUp().catch(() => {}); // what comes now may tell nothing of a phone that lay still
    }
  }

  nameOf(number) {
    return this.state.people.find((p) => p.number === number)?.name || number;
  }

  has(number) {
    return Boolean(this.#find(number));
  }

  async add() {
    const number = this.#spare();
    await this.#lay(number).catch((e) => this.#tell(e.message, true));
    const added = this.#find(number);
    if (!added) return;
    this.choose(added);
    added.takeUp();
  }

  remove(handset) {
    this.handsets = this.handsets.filter((h) => h !== handset);
    handset.root.remove();
    this.choose(this.handsets[0]);
    this.changed();
  }

  /** A handset has another number, or there are others. */
  changed() {
    localStorage.setItem(kept, JSON.stringify(this.handsets.map((h) => h.number)));
    this.wire.nameFilters();
    this.#drawTabs();
  }

  choose(handset) {
    this.chosen = handset;
    for (const h of this.handsets) h.root.classList.toggle("chosen", h === handset);
    this.#drawTabs();
  }

  #find(number) {
    return this.handsets.find((h) => h.number === number);
  }

  async #load() {
    try {
      this.state = await ask("GET", "state");
    } catch (e) {
      this.#tell(e.message, true);
      return false;
    }
    this.hostility.show(this.state.hostility, this.state.seed);
    const { callback } = this.state.application;
    say(document.getElementById("application"), callback ? `beside ${callback}` : "without an application: see --app");
    return true;
  }

  async #lay(number) {
    const handset = new Handset(this, number);
    await handset.putUp();
    this.handsets.push(handset);
    this.#phones.append(handset.root);
    this.changed();
  }

  /** The numbers that were here last time, or two that the sandbox has or knows. */
  #first() {
    const last = JSON.parse(localStorage.getItem(kept) || "[]");
    if (last.length) return last;
    const known = [...this.state.phones, ...this.state.people].map((p) => p.number);
    return [...new Set([...known, "+254711000001", "+254711000002"])].slice(0, 2);
  }

  #spare() {
    const person = this.state.people.find((p) => !this.has(p.number));
    if (person) return person.number;
    for (let n = 254711000001; ; n++) if (!this.has(`+${n}`)) return `+${n}`;
  }

  #drawTabs() {
    this.#tabs.replaceChildren(
      ...this.handsets.map((h) => {
        const tab = Object.assign(document.createElement("button"), { type: "button", textContent: this.nameOf(h.number) });
        tab.setAttribute("aria-pressed", h === this.chosen);
        tab.dataset.unread = this.inbox.unread(h.number) || "";
        tab.addEventListener("click", () => this.choose(h));
        return tab;
      }),
    );
  }

  #hint() {
    const hint = document.getElementById("hint");
    const code = this.state.codes?.[0];
    const steps = this.state.try || [code ? `Dial ${code} on a phone.` : "Dial a code, such as *384*96#."];
    if (localStorage.getItem(hinted)) return;
    hint.querySelector("ol").replaceChildren(
      ...steps.map((step) => Object.assign(document.createElement("li"), { textContent: step })),
    );
    hint.hidden = false;
    hint.querySelector("button").addEventListener("click", () => {
      hint.hidden = true;
      localStorage.setItem(hinted, "yes");
      this.handsets[0]?.takeUp();
    });
  }

  #tell(words, bad) {
    say(this.#service, words);
    this.#service.classList.toggle("bad", bad);
  }
}

new Desk().begin();
