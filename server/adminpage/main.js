/** The page of administrators: reads, shows, and asks before anything is lost. */

import { $, button, el, plural } from "../taskpane/dom.js";
import { signIn, signsIn } from "../taskpane/sign-in.js";
import { AdminError, call, enter } from "./api.js";
import { chart } from "./chart.js";
import { table } from "./table.js";

const SCOPES = ["suggest", "rules", "workbooks", "library", "metrics", "admin"];
const PAGE = 50;
let lines = [];

/** Runs work and tells a failure in words; answers whether it went well. */
async function attempt(work) {
  $("problem").replaceChildren();
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof AdminError && error.status === 401) return askForKey(error);
    $("problem").textContent = error instanceof AdminError || error.code ? error.message : "Something went wrong. Reload the page.";
    return false;
  }
}

function askForKey(error) {
  if (!$("door").hidden) $("problem").textContent = error.message;
  $("door").hidden = false;
  $("rooms").hidden = true;
  $("key").focus();
  signsIn().then((does) => { $("in-person").hidden = !does; }, () => {});
  return false;
}

const say = (text) => { $("status").textContent = text; };

/** Whether somebody means it. */
function sure(text) {
  $("sure-text").textContent = text;
  $("sure").returnValue = "no";
  $("sure").showModal();
  return new Promise((resolve) => {
    $("sure").onclose = () => resolve($("sure").returnValue === "yes");
  });
}

async function showUsage() {
  const { days } = await call("GET", "admin/usage?days=30");
  const sum = (name) => days.reduce((total, day) => total + day[name], 0);
  const decided = sum("accepted") + sum("rejected");
  const asked = sum("requests");
  const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");
  const time = days.reduce((total, day) => total + day.mean_milliseconds * day.requests, 0);
  const totals = [
    ["requests", asked.toLocaleString("en")],
    ["mean time", asked ? `${(time / asked / 1000).toFixed(1)} s` : "–"],
    ["asked back", share(sum("abstained"), asked)],
    ["accepted", share(sum("accepted"), decided)],
  ];
  $("totals").replaceChildren(...totals.map(([name, value]) => el("div", {}, el("dt", { textContent: name }), el("dd", { textContent: value }))));
  $("chart").replaceChildren(chart(days));
  const rows = [...days].reverse().map((day) => [day.day, day.requests, day.people, day.abstained, Math.round(day.mean_milliseconds), day.slowest_milliseconds, day.accepted, day.rejected]);
  $("days").replaceChildren(table("Figures of each day", ["Day", "Requests", "People", "Asked back", "Mean ms", "Slowest ms", "Accepted", "Rejected"], rows));
}

async function showRejected() {
  const { keeps_requests: keeps, requests } = await call("GET", "admin/rejected");
  const none = keeps ? "None yet." : "The settings say that requests are not kept.";
  const rows = requests.map(({ request, rejected, accepted }) => [request, rejected, accepted]);
  $("rejected").replaceChildren(rows.length ? table("Requests rejected most", ["Request", "Rejected", "Accepted"], rows) : el("p", { className: "quiet", textContent: none }));
}

async function showLibrary() {
  const { rules } = await call("GET", "library");
  $("library").replaceChildren(...rules.map(ruleCard));
  if (!rules.length) $("library").replaceChildren(el("li", { className: "quiet", textContent: "No rules yet." }));
}

function ruleCard({ name, description, rules, version, at }) {
  const remove = button("Remove", async () => {
    if (!(await sure(`Remove “${name}” from the library?`))) return;
    if (await attempt(() => call("DELETE", `library/${encodeURIComponent(name)}`))) await changed(showLibrary, `Removed: ${name}.`);
  }, { className: "danger", attributes: { "aria-label": `Remove ${name}` } });
  const note = el("p", { className: "quiet", textContent: `Version ${version}, ${moment(at)}. ${description}` });
  const conditions = rules.map(({ condition }) => el("code", { textContent: condition }));
  return el("li", { className: "card" }, el("h3", { textContent: name }), ...conditions, note, remove);
}

async function showKeys() {
  const { keys } = await call("GET", "admin/keys");
  $("keys").replaceChildren(...keys.map(keyCard));
}

function keyCard({ id, name, role, scopes, expires, revoked }) {
  const until = revoked ? `revoked ${moment(revoked)}` : expires ? `until ${moment(expires)}` : "without end";
  const revoke = button("Revoke", async () => {
    if (!(await sure(`Revoke the key “${name}”? Scripts that use it stop working.`))) return;
    if (await attempt(() => call("DELETE", `admin/keys/${id}`))) await changed(showKeys, `Revoked: ${name}.`);
  }, { className: "danger", hidden: Boolean(revoked), attributes: { "aria-label": `Revoke ${name}` } });
  const note = el("p", { className: "quiet", textContent: `${id}, ${role}, may ${scopes.join(", ")}; ${until}.` });
  return el("li", { className: "card" }, el("h3", { textContent: name }), note, revoke);
}

async function showAudit(before = null) {
  const from = before ? `&before=${before}` : "";
  const { lines: found } = await call("GET", `admin/audit?most=${PAGE}${from}`);
  lines = before ? [...lines, ...found] : found;
  const rows = lines.map(({ at, subject, action, object }) => [moment(at), subject, action, object]);
  $("audit").replaceChildren(table("Audit", ["When", "Who", "What", "Which"], rows));
  $("older").hidden = found.length < PAGE;
}

const moment = (text) => new Date(text).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Reads a room anew, and the audit with it. */
async function changed(show, text) {
  await attempt(async () => {
    await show();
    await showAudit();
  });
  say(text);
}

async function makeKey() {
  const scopes = SCOPES.filter((scope) => $(`scope-${scope}`).checked);
  const days = $("key-days").valueAsNumber;
  const body = { name: $("key-name").value, role: $("key-role").value, scopes, days: Number.isNaN(days) ? null : days };
  const done = await attempt(async () => {
    const { text } = await call("POST", "admin/keys", body);
    $("made").replaceChildren("This key is shown only now:", el("code", { textContent: text }));
    $("made").hidden = false;
    $("new-key").reset();
  });
  if (done) await changed(showKeys, "The key is made.");
}

async function exportPerson(subject) {
  await attempt(async () => {
    const found = await call("GET", `admin/users/${encodeURIComponent(subject)}`);
    const body = new Blob([JSON.stringify(found, null, 1)], { type: "application/json" });
    const link = el("a", { href: URL.createObjectURL(body), download: `${subject}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    await showAudit();
    say(`Exported: ${plural(found.decisions.length, "decision")}, ${plural(found.suggestions.length, "suggestion")}.`);
  });
}

async function erasePerson(subject) {
  if (!subject || !(await sure(`Erase everything that is stored about ${subject}?`))) return;
  const done = await attempt(() => call("DELETE", `admin/users/${encodeURIComponent(subject)}`));
  if (done) await changed(showLibrary, "Erased.");
}

function wire() {
  const scopes = SCOPES.map((scope) => el("label", {}, el("input", { type: "checkbox", id: `scope-${scope}`, checked: scope === "suggest" }), scope));
  $("scopes").replaceChildren(...scopes);
  const on = (id, work) => {
    $(id).onsubmit = (event) => {
      event.preventDefault();
      work();
    };
  };
  on("enter", async () => {
    enter($("key").value.trim());
    await open();
  });
  $("sign-in").onclick = async () => {
    if (await attempt(() => signIn())) await open();
  };
  on("new-key", makeKey);
  on("person", () => exportPerson($("subject").value.trim()));
  $("erase").onclick = () => erasePerson($("subject").value.trim());
  $("older").onclick = () => attempt(() => showAudit(lines.at(-1).id));
}

async function open() {
  const done = await attempt(async () => {
    for (const show of [showUsage, showRejected, showLibrary, showKeys, showAudit]) await show();
  });
  if (!done) return;
  $("door").hidden = true;
  $("key").value = "";
  $("rooms").hidden = false;
  document.documentElement.dataset.ready = "";
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const look = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; };
dark.onchange = look;
look();
wire();
open();
