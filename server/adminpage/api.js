/** The server's answers to an administrator. A failure is an AdminError with status and sentence. */

import { SignInError, token } from "../taskpane/sign-in.js";

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

/** The person's token, where people sign in. */
async function personal() {
  try {
    return await token();
  } catch (error) {
    throw new AdminError(error instanceof SignInError ? 401 : 0, error.message);
  }
}

/** The JSON that a path of the API answers. */
export async function call(method, path, body = undefined) {
  const headers = { Accept: "application/json" };
  const found = key || (await personal());
  if (found) headers.Authorization = `Bearer ${found}`;
  if (body) headers["Content-Type"] = "application/json";
  const url = new URL(`../api/v1/${path}`, document.baseURI);
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
