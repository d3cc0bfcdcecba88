// A piece of the page is a <template>; what is filled in has a data-part. Data are only ever put in as text.

/** A copy of a template: its element, and its parts by name. */
export function copyOf(id) {
  const root = document.getElementById(id).content.firstElementChild.cloneNode(true);
  return { root, ...partsOf(root) };
}

export function partsOf(root) {
  const parts = {};
  for (const e of root.querySelectorAll("[data-part]")) parts[e.dataset.part] = e;
  return parts;
}

/** Sets a text only if it is another one: what is live is read out at every change. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function option(value, text) {
  return Object.assign(document.createElement("option"), { value, textContent: text });
}

export function timeOf(at, withSeconds) {
  const t = new Date(at);
  const time = t.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: withSeconds && "2-digit" });
  return withSeconds ? `${time}.${String(t.getMilliseconds()).padStart(3, "0")}` : time;
}
