/** The server's answers. Every failure is an ApiError with a stable code and a sentence for people. */

import { signsIn, token } from "./sign-in.js";

const PATIENCE = 35000;
const SENTENCES = {
  offline: "There is no connection. Your sentence is kept; try again when you are back online.",
  unreachable: "The server does not answer. Try again in a moment.",
  late: "This takes too long. Try again, or select fewer rows.",
  store: "The server cannot store anything now. Try again in a moment.",
  busy: "Many people ask at this moment. Try again in a moment.",
  rate: "You asked very often in a short time. Try again in a moment.",
  model: "The server is not ready yet. Try again in a moment.",
  too_large: "The selection is larger than the server takes. Select fewer cells.",
  signed_out: "Your sign-in is missing or has ended. Sign in to go on.",
  internal: "The server failed. Try again; if it stays so, report the request id.",
};

export class ApiError extends Error {
  constructor(code, message, requestId = "", signIn = false) {
    super(message);
    this.code = code;
    this.signIn = signIn;
    this.requestId = requestId;
  }
}

/** Candidates or a question; `onWait` is told how many requests come first, `onStep` how the rule reads while it takes shape. */
export async function suggest(utterance, table, { signal, onWait = () => {}, onStep = () => {} }) {
  const answer = await postJson("suggest", { utterance, table, top: 5 }, "text/event-stream, application/json;q=0.9", signal);
  const requestId = answer.headers.get("X-Request-Id") ?? "";
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return { ...(await answer.json()), requestId };
  for await (const { event, data } of events(answer.body, signal)) {
    if (event === "waiting") onWait(data.ahead);
    if (event === "step") onStep(data);
    if (event === "problem") throw told(data);
    if (event === "candidates") return { ...data, requestId };
  }
  throw new ApiError("unreachable", SENTENCES.unreachable);
}

export const explain = async (text) =>
  (await postJson("explain", { text, formula: text.startsWith("=") })).json();

/** Resolves when the server has stored what somebody made of a reading. */
export const decide = async (decision) => (await postJson("decisions", decision)).json();

/** Rules as the one candidate for a table. */
export const describe = async (rules, table) => (await postJson("describe", { rules, table })).json();

export const readLibrary = async () => (await send("library", { method: "GET" })).json();

export async function saveNamed(name, rules) {
  const headers = { "Content-Type": "application/json" };
  return (await send(`library/${encodeURIComponent(name)}`, { method: "PUT", body: JSON.stringify({ rules }), headers })).json();
}

/** The rules that a sheet of an uploaded workbook has, the first one first. */
export async function readExisting(file, sheet, range) {
  return (await (await send("workbooks/rules", { body: form({ file, sheet, range }) })).json()).rules;
}

/** The workbook as a Blob; `ranges` are the tables of the rules, `order` names the rules of the sheet that stay and "+0", "+1" … for the new ones. */
export async function arrangeWorkbook(file, sheet, rules, ranges, order) {
  const body = form({ file, sheet, rules: JSON.stringify(rules), ranges: JSON.stringify(ranges), order: JSON.stringify(order) });
  return (await send("workbooks/arrange", { body })).blob();
}

function form({ file, ...fields }) {
  const body = new FormData();
  body.append("workbook", file, file.name);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return body;
}

function postJson(path, body, accept = "application/json", signal = undefined) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  return send(path, { body: JSON.stringify(body), headers }, signal);
}

/** The events of a stream. Source: HTML Living Standard, 9.2. */
async function* events(body, stop) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await next(reader, stop); !part.done; part = await next(reader, stop)) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s, 2)));
      yield { event: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

/** The next part of a stream, in which something comes every few seconds. */
async function next(reader, stop) {
  let clock;
  const late = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new ApiError("late", SENTENCES.late)), PATIENCE);
  });
  try {
    return await Promise.race([reader.read(), late]);
  } catch (error) {
    if (stop?.aborted || error.code === "late") throw error;
    throw lost();
  } finally {
    clearTimeout(clock);
  }
}

function lost(late = false) {
  const code = late ? "late" : navigator.onLine ? "unreachable" : "offline";
  return new ApiError(code, SENTENCES[code]);
}

/** Sends with the person's token; one that is refused is renewed once. */
async function send(path, request, stop) {
  let answer = await reach(path, await signed(request), stop);
  const renewable = answer.status === 401 && (await signsIn());
  if (renewable) answer = await reach(path, await signed(request, true), stop);
  if (!answer.ok) throw await problem(answer, renewable);
  return answer;
}

async function signed(request, renew = false) {
  if (!navigator.onLine) throw new ApiError("offline", SENTENCES.offline);
  const found = await token(renew).catch((error) => {
    throw error.code ? error : new ApiError("unreachable", SENTENCES.unreachable);
  });
  return found ? { ...request, headers: { ...request.headers, Authorization: `Bearer ${found}` } } : request;
}

async function reach(path, request, stop) {
  const ending = new AbortController();
  let late = false;
  const clock = setTimeout(() => { late = true; ending.abort(); }, PATIENCE);
  stop?.addEventListener("abort", () => ending.abort(), { once: true });
  let answer;
  try {
    answer = await fetch(new URL(`../api/v1/${path}`, document.baseURI), { method: "POST", signal: ending.signal, ...request });
  } catch (error) {
    if (stop?.aborted) throw error;
    throw lost(late);
  } finally {
    clearTimeout(clock);
  }
  return answer;
}

async function problem(answer, signsIn = false) {
  const body = await answer.json().catch(() => ({}));
  const error = told({ code: `http_${answer.status}`, status: answer.status, ...body }, Number(answer.headers.get("Retry-After")));
  return signsIn && answer.status === 401 ? new ApiError(error.code, SENTENCES.signed_out, error.requestId, true) : error;
}

/** A problem document as an error; `wait` are the seconds after which it may go better. */
function told({ code, status, detail, request_id: requestId }, wait = 0) {
  const known = SENTENCES[code] ?? (status >= 500 ? SENTENCES.internal : detail) ?? SENTENCES.internal;
  return new ApiError(code, wait > 1 ? known.replace("in a moment", `in ${wait} seconds`) : known, requestId);
}
