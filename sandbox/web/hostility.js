// The switches of hostility: one for each kind, with its sentence.

import { ask } from "./service.js";
import { copyOf, partsOf, say } from "./parts.js";

// Where a switch can stand. What is rare matters as much as what is common, so they are no even scale.
const steps = [0, 0.002, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1];

export class Hostility {
  #parts;
  #kinds = []; // as the sandbox told them

  constructor(root) {
    this.#parts = partsOf(root);
    this.#parts.all.addEventListener("click", () => this.#set((k) => k.default));
    this.#parts.off.addEventListener("click", () => this.#set(() => 0));
  }

  show(kinds, seed) {
    this.#kinds = kinds;
    const on = kinds.filter((k) => k.value > 0).length;
    say(this.#parts.sum, on ? `${on} of ${kinds.length} on` : "off");
    if (seed !== undefined) say(this.#parts.seed, `Seed ${seed}: the same seed and the same calls, the same decisions.`);
    const { kinds: list } = this.#parts;
    if (list.children.length !== kinds.length) list.replaceChildren(...kinds.map((k) => this.#switch(k)));
    kinds.forEach((k, i) => this.#draw(partsOf(list.children[i]), k.value));
  }

  #switch(kind) {
    const { root, name, what, range } = copyOf("kind");
    say(name, kind.name.replaceAll("_", " ").replace(/\b(pin|sms)\b/, (word) => word.toUpperCase()));
    say(what, kind.what);
    range.max = steps.length - 1;
    range.addEventListener("input", () => this.#draw(partsOf(root), steps[range.value]));
    range.addEventListener("change", () => this.#set((k) => (k.name === kind.name ? steps[range.value] : k.value)));
    return root;
  }

  #draw({ range, value }, probability) {
    const at = steps.findIndex((s) => s >= probability);
    range.value = at;
    const shown = probability ? `${+(probability * 100).toFixed(1)} %` : "off";
    range.setAttribute("aria-valuetext", shown);
    range.closest("li").classList.toggle("on", probability > 0);
    say(value, shown);
  }

  async #set(valueOf) {
    const wanted = Object.fromEntries(this.#kinds.map((k) => [k.name, valueOf(k)]));
    say(this.#parts.error, "");
    try {
      this.show(await ask("PUT", "hostility", wanted));
    } catch (e) {
      this.show(this.#kinds);
      say(this.#parts.error, e.message);
    }
  }
}
