/** The organisation's library: named rules that are shown on this table, and new names for rules. */

import { describe, readLibrary, saveNamed } from "./api.js";
import { $, button, el } from "./dom.js";

/** Wires the section; `act` has attempt(work), table(), show(answer) and status(text). */
export function wireLibrary(act) {
  $("library").ontoggle = () => $("library").open && act.attempt(() => list(act));
  $("save").onsubmit = (event) => {
    event.preventDefault();
    act.attempt(async () => {
      const name = $("save-name").value.trim();
      const { version } = await saveNamed(name, $("save").rules);
      $("save").hidden = true;
      $("save-name").value = "";
      if ($("library").open) await list(act);
      act.status(`Saved in the library: ${name}, version ${version}.`);
    });
  };
}

/** Offers to save the rules that were just applied. */
export function offerToSave(rules) {
  $("save").rules = rules.map(({ condition, target, style, stop_if_true = false }) => ({ condition, target, style, stop_if_true }));
  $("save").hidden = false;
}

async function list(act) {
  const { rules } = await readLibrary();
  $("named").replaceChildren(...rules.map((rule) => named(rule, act)));
  $("no-named").hidden = rules.length > 0;
}

function named({ name, description, rules }, act) {
  const use = () => act.attempt(async () => {
    act.show(await describe(rules, await act.table()));
  });
  const note = description ? [el("p", { className: "quiet", textContent: description })] : [];
  return el("li", { className: "row spread" }, el("div", {}, el("span", { textContent: name }), ...note), button("Show", use, { attributes: { "aria-label": `Show ${name}` } }));
}
