// The SMS of all phones, and which of them were read in this window.

const kept = "read"; // in the session's storage, so that a reload does not make all of them new

export class Inbox {
  #messages = new Map(); // by id, oldest first
  #read = new Set(JSON.parse(sessionStorage.getItem(kept) || "[]"));

  add(message) {
    this.#messages.set(message.id, message);
  }

  forget() {
    this.#messages.clear();
  }

  /** The messages to a number, newest first. */
  of(number) {
    return [...this.#messages.values()].filter((m) => m.to === number).reverse();
  }

  unread(number) {
    return this.of(number).filter((m) => this.isNew(m)).length;
  }

  isNew(message) {
    return !this.#read.has(message.id);
  }

  markRead(message) {
    this.#read.add(message.id);
    sessionStorage.setItem(kept, JSON.stringify([...this.#read].slice(-500)));
  }
}
