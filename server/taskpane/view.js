/** The parts of the page that change: status, problem, question, cards and lists. */

import { candidateCard, ruleCard } from "./cards.js";
import { $, button, el, plural } from "./dom.js";

const AT_FIRST = 3;
const SEEN = "cellfusion-seen";
const LOOKING = "Looking for rules…";

export class Page {
  pressedButton = null;
  /** Set by the page: what the button of a problem does that signing in solves. */
  onSignIn = () => {};

  status(text) {
    $("status").textContent = text;
  }

  /** Tells how many requests come first, or that it is this one's turn. */
  waiting(ahead) {
    const text = ahead ? `${plural(ahead, "request")} of others ${ahead === 1 ? "comes" : "come"} first…` : LOOKING;
    if ($("status").textContent !== text) this.status(text);
  }

  busy(text = LOOKING) {
    this.status(text);
    $("status").dataset.busy = "";
    $("pane").setAttribute("aria-busy", "true");
    $("suggest").disabled = true;
    $("cancel").hidden = false;
  }

  idle(text) {
    delete $("status").dataset.busy;
    $("pane").removeAttribute("aria-busy");
    $("suggest").disabled = false;
    $("cancel").hidden = true;
    this.shape("");
    if (text !== undefined) this.status(text);
  }

  /** How the rule reads while it takes shape; for the eye alone, it changes too fast to be read out. */
  shape(text) {
    $("shape").hidden = !text;
    $("shape").textContent = text;
  }

  problem(error) {
    if (!error) return $("problem").replaceChildren();
    const id = error.requestId ? ` (request ${error.requestId})` : "";
    const known = error.code ? error.message : "Something went wrong. Reload the pane.";
    const signIn = error.signIn ? button("Sign in", () => this.onSignIn(), { className: "primary" }) : null;
    return $("problem").replaceChildren(...[el("span", { textContent: known }), el("div", { className: "tag", textContent: `${error.code ?? error.name}${id}` }), signIn].filter(Boolean));
  }

  theme(name) {
    const dark = name ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.dataset.theme = dark;
  }

  table(where) {
    $("table").textContent = where
      ? `Table: ${where.address} (${plural(where.rows, "row")}, ${plural(where.columns, "column")})`
      : "Select a cell of your table, or the cells to format.";
  }

  /** Whether somebody sees the page for the first time, and has asked nothing yet. */
  get isFirst() {
    return seen() === null;
  }

  examples(texts, choose) {
    $("examples").replaceChildren(...texts.map((text) => el("li", {}, button(text, () => choose(text)))));
    $("first").hidden = !this.isFirst;
    $("dismiss").onclick = () => {
      remember();
      $("first").hidden = true;
      $("utterance").focus();
    };
  }

  show({ candidates, abstained, question, table }, act) {
    remember();
    $("first").hidden = true;
    this.pressed(null);
    $("question").hidden = !question;
    $("question-text").textContent = question ?? "";
    $("reply").value = "";
    const cards = candidates.map((candidate) => candidateCard(candidate, act));
    $("cards").replaceChildren(...cards);
    $("results").hidden = !cards.length;
    this.#fold(cards);
    const place = table ? ` in ${table.range}` : "";
    this.status(question ?? (cards.length ? `${plural(cards.length, "reading")}${place}.` : "No rule was found. Say it in other words."));
    if (abstained && question) $("reply").focus();
  }

  /** Shows the likely readings; the alternatives wait behind a button. */
  #fold(cards) {
    const rest = cards.slice(AT_FIRST);
    for (const card of rest) card.hidden = true;
    $("more").hidden = !rest.length;
    $("more").textContent = `Show ${plural(rest.length, "more reading")}`;
    $("more").onclick = () => {
      for (const card of rest) card.hidden = false;
      $("more").hidden = true;
      rest[0].querySelector("button").focus();
    };
  }

  /** The readings have served once one is applied; what was done stays to be read. */
  clear() {
    for (const id of ["results", "question"]) $(id).hidden = true;
    $("cards").replaceChildren();
    this.pressed(null);
    this.status("");
  }

  /** Marks the one preview that is in the sheet. */
  pressed(chosen) {
    for (const each of document.querySelectorAll("[data-preview]")) {
      each.setAttribute("aria-pressed", String(each === chosen));
      each.textContent = each === chosen ? "Clear preview" : "Preview";
    }
    this.pressedButton = chosen;
  }

  replacing(says) {
    $("replacing").hidden = says === undefined;
    $("replacing").firstElementChild.textContent = says === undefined ? "" : `The next rule replaces: ${says}.`;
  }

  rules(rules, act) {
    $("rules").replaceChildren(...rules.map((rule, place) => ruleCard(rule, place, rules.length, act)));
    $("no-rules").hidden = rules.length > 0;
  }

  focusRule(id) {
    const card = document.getElementById(`rule-${id}`)?.closest(".card");
    card?.querySelector("button[aria-label^='Move']:enabled")?.focus();
  }

  stopped() {
    this.status("");
    for (const each of document.querySelectorAll("#pane button, #pane textarea")) each.disabled = true;
    const again = button("Reload", () => location.reload());
    $("problem").append(again);
  }
}

function seen() {
  try {
    return localStorage.getItem(SEEN);
  } catch {
    return null;
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "1");
  } catch {
    // storage is off; the examples are shown again next time
  }
}
