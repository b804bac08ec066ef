/** Decisions on their way to the server; those that it cannot take now wait in memory and go again. */

import { decide } from "./api.js";

const MOST = 50;
const PAUSES = [2000, 5000, 15000, 60000];
const AGAIN = ["sign-in", "offline", "unreachable", "late", "busy", "store", "store_outdated", "internal", "unavailable", "rate", "http_502", "http_503", "http_504"];

export class Decisions {
  #waiting = [];
  #sending = false;
  #timer = null;
  #failed = 0;

  constructor() {
    addEventListener("online", () => this.#send());
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Has a reading sent as accepted or rejected; `asked` has the sentence, its answer's table and id. */
  add(outcome, { rank, rules }, asked, reason = null) {
    const sent = rules.map(({ condition, target, style, stop_if_true = false }) => ({ condition, target, style, stop_if_true }));
    const { utterance, kinds = [], requestId = "" } = asked ?? {};
    const decision = { id: crypto.randomUUID(), outcome, rank, rules: sent, reason, kinds, request: utterance ?? null, request_id: requestId };
    this.#waiting.push(decision);
    if (this.#waiting.length > MOST) this.#waiting.shift();
    this.#send();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    while (this.#waiting.length) {
      const [first] = this.#waiting;
      const again = await this.#fails(first);
      if (again) break;
      this.#waiting = this.#waiting.filter((each) => each !== first);
    }
    this.#sending = false;
  }

  /** Whether a decision has to be sent again later; one that the server refuses has not. */
  async #fails(decision) {
    try {
      await decide(decision);
      this.#failed = 0;
      return false;
    } catch (error) {
      if (!AGAIN.includes(error.code)) return false;
      const pause = PAUSES[Math.min(this.#failed++, PAUSES.length - 1)];
      this.#timer = setTimeout(() => this.#send(), pause);
      return true;
    }
  }
}
