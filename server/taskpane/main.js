/** The page: asks the server, shows what it answers, and has the host apply what is chosen. */

import { explain, suggest } from "./api.js";
import { Decisions } from "./decisions.js";
import { $ } from "./dom.js";
import { examplesFor } from "./examples.js";
import { findHost } from "./host.js";
import { offerToSave, wireLibrary } from "./library.js";
import { signIn } from "./sign-in.js";
import { Page } from "./view.js";

const page = new Page();
let host = null;
let table = null;
let asking = null;
let replaces = null;
let shown = null;
let lastApplied = null;
let started = false;
let early = "";
const decisions = new Decisions();

/** Runs work and tells every failure in words; answers whether it went well. */
async function attempt(work) {
  page.problem(null);
  try {
    await work();
    return true;
  } catch (error) {
    if (error.name !== "AbortError") page.problem(error);
    return false;
  }
}

async function ask(utterance) {
  if (!utterance.trim()) {
    page.status("Write what you would like to see first.");
    $("utterance").focus();
    return;
  }
  early = "";
  asking?.abort();
  const stop = (asking = new AbortController());
  page.clear();
  page.busy();
  await attempt(() => host.clearPreview());
  const done = await attempt(async () => {
    table = await host.readTable();
    const found = await suggest(utterance, table, {
      signal: stop.signal,
      onWait: (ahead) => page.waiting(ahead),
      onStep: ({ rule }) => page.shape(rule),
    });
    show(found, utterance);
  });
  if (asking !== stop) return;
  asking = null;
  page.idle(done ? undefined : "");
}

/** Shows readings and remembers of what they are readings. */
function show(found, utterance = null) {
  shown = { utterance, table, kinds: found.table.kinds, requestId: found.requestId, candidates: found.candidates };
  page.show(found, act);
}

const act = {
  select: (address) => attempt(() => host.select(address)),

  async preview(candidate, button) {
    const shown = button.getAttribute("aria-pressed") === "true";
    const done = await attempt(() => (shown ? host.clearPreview() : host.preview(candidate.rules)));
    if (!done) return;
    page.pressed(shown ? null : button);
    page.status(shown ? "The preview is cleared." : "This is a preview. Apply keeps it.");
  },

  async apply(candidate) {
    const done = await attempt(() => host.apply(candidate.rules, replaces, shown.table));
    if (!done) return;
    setReplaced(null);
    page.clear();
    lastApplied = { candidate, asked: shown };
    decisions.add("accepted", candidate, shown);
    offerToSave(candidate.rules);
    await refresh();
    page.status(`Applied: ${candidate.rules.map((rule) => rule.explanation).join("; ")}.`);
    if (!$("undo").hidden) $("undo").focus();
  },

  explain: (rule, output) => attempt(async () => {
    const text = rule.type === "Custom" ? rule.office.rule?.formula : null;
    output.textContent = text ? (await explain(text)).explanation : rule.says;
    output.append(` Range ${rule.range}, priority ${rule.priority + 1}. ${rule.note ?? ""}`);
  }),

  edit(rule) {
    setReplaced(rule);
    $("utterance").value = rule.says.startsWith("Formula ") ? "" : rule.says;
    $("utterance").focus();
    page.status("Say what the rule should be instead.");
  },

  async move(rule, by) {
    if (!(await attempt(() => host.move(rule.id, by)))) return;
    lastApplied = null;
    await refresh();
    page.focusRule(rule.id);
    page.status(`Moved ${by < 0 ? "up" : "down"}: ${rule.says}.`);
  },

  async remove(rule) {
    if (!(await attempt(() => host.remove(rule.id)))) return;
    lastApplied = null;
    await refresh();
    page.status(`Removed: ${rule.says}.`);
    $("undo").focus();
  },
};

function setReplaced(rule) {
  replaces = rule?.id ?? null;
  page.replacing(rule?.says);
}

async function undo() {
  const focused = document.activeElement === $("undo");
  if (!(await attempt(() => host.undo()))) return;
  if (lastApplied) decisions.add("rejected", lastApplied.candidate, lastApplied.asked, "undone");
  lastApplied = null;
  $("save").hidden = true;
  page.pressed(null);
  await refresh();
  page.status("Undone.");
  if (focused && $("undo").hidden) $("utterance").focus();
}

async function dismiss() {
  await attempt(() => host.clearPreview());
  decisions.add("rejected", shown.candidates[0], shown, "dismissed");
  page.clear();
  page.status("Say it in other words.");
  $("utterance").focus();
}

async function offerExamples() {
  if (!page.isFirst) return;
  const found = await host.readTable().catch(() => null);
  page.examples(examplesFor(found), (text) => {
    $("utterance").value = text;
    $("utterance").focus();
    ask(text);
  });
}

async function refresh() {
  await attempt(async () => page.rules(await host.listRules(), act));
  $("undo").hidden = !host.canUndo;
  $("download").hidden = !host.canDownload;
}

/** Enter counts as soon as this script runs, though Excel may take seconds to open. */
function wireEnter() {
  $("utterance").onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const utterance = $("utterance").value;
    if (started || !utterance.trim()) return ask(utterance);
    early = utterance;
    page.status("One moment: your sentence goes off as soon as the sheet can be read.");
  };
}

/** Until this has run the form cannot be sent: the browser would leave the page. */
function wire() {
  $("suggest").disabled = false;
  $("ask").onsubmit = (event) => {
    event.preventDefault();
    ask($("utterance").value);
  };
  $("answer").onsubmit = (event) => {
    event.preventDefault();
    const reply = $("reply").value.trim();
    if (!reply) return $("reply").focus();
    $("utterance").value = `${$("utterance").value.trim().replace(/[.?!]$/, "")}, ${reply}`;
    $("utterance").focus();
    return ask($("utterance").value);
  };
  $("cancel").onclick = () => {
    asking?.abort();
    $("utterance").focus();
    page.idle("Stopped.");
  };
  $("none").onclick = dismiss;
  wireLibrary({
    attempt,
    table: async () => (table = await host.readTable()),
    show: (found) => {
      show(found);
      $("results-title").focus();
    },
    status: (text) => page.status(text),
  });
  $("undo").onclick = undo;
  $("download").onclick = () => attempt(() => host.download());
  $("refresh").onclick = refresh;
  $("keep").onclick = () => {
    setReplaced(null);
    $("utterance").focus();
  };
  page.onSignIn = async () => {
    if (!(await attempt(signIn))) return;
    page.status("You are signed in. Send your sentence again.");
    $("utterance").focus();
  };
  window.addEventListener("focus", () => page.theme(host.theme()));
  document.addEventListener("keydown", (event) => {
    const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    // in Excel its own undo answers, and in a field that of the field
    if (isUndo && host.name === "browser" && !event.target.closest("input, textarea") && host.canUndo) undo();
  });
  document.addEventListener("keydown", async (event) => {
    if (event.key !== "Escape" || !page.pressedButton) return;
    if (await attempt(() => host.clearPreview())) {
      page.pressed(null);
      page.status("The preview is cleared.");
    }
  });
  started = true;
}

async function start() {
  wireEnter();
  await attempt(async () => {
    host = await findHost();
    page.theme(host.theme());
    host.onOpen = attempt;
    host.onRules = refresh;
    await host.start();
    wire();
    await host.onSelection((where) => page.table(where));
    host.onSheet = async () => {
      page.clear();
      await Promise.all([refresh(), offerExamples()]);
    };
    await refresh();
    document.documentElement.dataset.ready = host.name;
    performance.mark("usable");
    await (early ? ask(early) : offerExamples());
  });
  if (!document.documentElement.dataset.ready) page.stopped();
}

start();
