// The sandbox, over HTTP: requests, and the feed of what happens there.

/** Asks the sandbox. What it refuses is thrown, in its own words. */
export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/sandbox/${path}`, {
      method,
      headers: body && { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error("The sandbox does not answer.");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || `The sandbox answered ${answer.status}.`);
  return said;
}

const again = 2000; // milliseconds

/**
 * Follows the feed for as long as the page is open. The browser comes again by itself, with the id of the
 * last event that it saw; only when it was refused, it does not, and we do, from the beginning.
 *
 * @param to has a function for each kind of event, and up, down and reset.
 */
export function follow(to) {
  const source = new EventSource("/sandbox/events");
  source.onopen = () => to.up();
  source.onerror = () => {
    to.down();
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => {
      to.reset();
      follow(to);
    }, again);
  };
  for (const kind of ["phone", "message", "wire"]) {
    source.addEventListener(kind, (e) => e.data && to[kind](JSON.parse(e.data)));
  }
  source.addEventListener("reset", () => to.reset());
}
