// A phone's SMS on its own screen: the list, one of them, and writing to the short code.

import { ask } from "./service.js";
import { copyOf, say, timeOf } from "./parts.js";

export class Reader {
  field = null; // where one writes, when one does
  #phone;
  #desk;
  #open = null; // the message that is read
  #at = 0; // of the list

  constructor(phone, desk) {
    this.#phone = phone;
    this.#desk = desk;
  }

  /** One that begins with an empty SMS. */
  static writing(phone, desk) {
    const reader = new Reader(phone, desk);
    reader.#write();
    return reader;
  }

  /** Draws what is to be seen, and gives the names of the two keys below the screen. */
  draw() {
    const { page, text, list } = this.#phone.parts;
    page.classList.remove("idle");
    if (this.field) {
      say(page, `SMS to ${this.#desk.state.shortCode}`);
      text.hidden = false;
      return ["Send", "Back"];
    }
    if (this.#open) {
      const m = this.#open;
      say(page, `${m.from}  ${timeOf(m.at)}\n${m.text}`);
      return ["Reply", "Back"];
    }
    const messages = this.#messages();
    if (!messages.length) {
      say(page, "No messages");
      return ["Write", "Back"];
    }
    page.hidden = true;
    list.hidden = false;
    this.#at = Math.min(this.#at, messages.length - 1);
    list.replaceChildren(...messages.map((m, i) => this.#item(m, i)));
    list.children[this.#at].scrollIntoView({ block: "nearest" });
    return ["Open", "Back"];
  }

  #item(message, i) {
    const item = copyOf("message");
    say(item.from, message.from);
    say(item.at, timeOf(message.at));
    say(item.words, message.text);
    item.root.classList.toggle("new", this.#desk.inbox.isNew(message));
    item.root.classList.toggle("here", i === this.#at);
    const button = item.root.firstElementChild;
    button.tabIndex = -1; // the arrows go through the list
    if (i === this.#at) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      this.#at = i;
      this.go();
    });
    return item.root;
  }

  move(by) {
    if (this.field || this.#open) return this.#phone.parts.page.scrollBy({ top: by * 30 });
    const last = this.#messages().length - 1;
    this.#at = Math.max(0, Math.min(last, this.#at + by));
    this.#phone.draw();
  }

  /** The left key: opens, replies or sends. */
  async go() {
    if (this.field) return this.#send();
    const message = this.#messages()[this.#at];
    if (this.#open || !message) {
      this.#write();
    } else {
      this.#open = message;
      this.#desk.inbox.markRead(message);
      this.#desk.changed();
    }
    this.#phone.draw();
    this.#phone.takeUp();
  }

  /** False when there is nothing behind it but the phone. */
  back() {
    if (!this.field && !this.#open) return false;
    const wrote = Boolean(this.field);
    this.field = null;
    if (!wrote) this.#open = null;
    return true;
  }

  #write() {
    this.field = this.#phone.parts.text;
    this.field.value = "";
  }

  async #send() {
    const text = this.field.value.trim();
    if (!text) return;
    const sent = await this.#phone.attempt(() => ask("POST", "messages", { from: this.#phone.number, text }));
    if (!sent) return;
    this.field = this.#open = null;
    this.#phone.draw();
    this.#phone.takeUp();
  }

  #messages() {
    return this.#desk.inbox.of(this.#phone.number);
  }
}
