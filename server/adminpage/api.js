/** The server's answers to an administrator. A failure is an AdminError with status and sentence. */

let key = "";

export class AdminError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** From now on a key is sent along; it is nowhere kept. */
export function enter(text) {
  key = text;
}

/** The JSON that a path of the API answers. */
export async function call(method, path, body = undefined) {
  const headers = { Accept: "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  const url = new URL(`../api/v1/${path}`, import.meta.url);
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new AdminError(0, "The server does not answer. Try again in a moment.");
  }
  if (answer.ok) return answer.json();
  const { detail, code } = await answer.json().catch(() => ({}));
  throw new AdminError(answer.status, code === "store" ? "The database does not answer. Try again in a moment." : detail ?? `The server answered ${answer.status}.`);
}
