/** Candidates as cards, and the rules of the sheet as a list. */

import { joinCells } from "./cells.js";
import { button, el, plural } from "./dom.js";
import { css } from "./grid.js";

const SVG = "http://www.w3.org/2000/svg";
const SHOWN = 6;

/** A candidate's card; `act` has select(address), preview(candidate, button) and apply(candidate). */
export function candidateCard(candidate, act) {
  const heading = `reading-${candidate.rank}`;
  const rules = candidate.rules.map((rule, place) => ruleRow(rule, act, place === 0 ? heading : ""));
  const apply = button("Apply", () => act.apply(candidate), { className: candidate.rank === 1 ? "primary" : "" });
  const preview = button("Preview", () => act.preview(candidate, preview), { attributes: { "aria-pressed": "false" }, dataset: { preview: "" } });
  for (const each of [apply, preview]) each.setAttribute("aria-describedby", heading);
  const card = el("li", { className: "card" }, ...rules, formulas(candidate), el("div", { className: "row" }, apply, preview));
  if (candidate.rank === 1) card.dataset.best = "";
  return card;
}

function ruleRow(rule, act, id) {
  const title = el("h3", { id, textContent: rule.explanation });
  return el("div", { className: "rule" }, swatch(rule.office, rule.style), title, where(rule, act));
}

function where({ range, matches, match_count: count, office, target }, act) {
  const line = el("div", { className: "where" });
  if (!office.format && !matches.length) {
    line.append("all numbers of ", button(range, () => act.select(office.range), { className: "link" }));
    return line;
  }
  const rows = target === "row" ? "whole rows, " : "";
  line.append(`${rows}${plural(count, "cell")} of ${range}`);
  if (!count) return line;
  const names = target === "row" ? [...new Set(matches.map((cell) => cell.replace(/\D/g, "")))] : matches;
  const few = names.slice(0, SHOWN).join(", ") + (names.length > SHOWN || count > matches.length ? " …" : "");
  const text = `Show ${target === "row" ? "rows " : ""}${few}`;
  line.append(" ", button(text, () => act.select(joinCells(matches)), { className: "link" }));
  return line;
}

function formulas({ rules, repaired }) {
  const rows = rules.map(({ formula, condition }) => el("code", { textContent: formula ?? condition }));
  const note = repaired ? [el("p", { textContent: "The first wording had a mistake, which was repaired." })] : [];
  const name = rules.some(({ formula }) => formula) ? "Formula" : "Rule";
  return el("details", {}, el("summary", { textContent: name }), ...rows, ...note);
}

/** What a formatted cell looks like: letters in the style, or a picture of the scale. */
export function swatch(office, style) {
  const box = el("span", { className: "swatch", attributes: { "aria-hidden": "true" } });
  if (office.format) {
    box.textContent = "Abc";
    Object.assign(box.style, css(style ?? styleOf(office.format)));
  } else box.append(scale(office));
  return box;
}

function styleOf({ fill, font = {}, borders }) {
  const { color, bold, italic, underline, strikethrough } = font;
  return { fill: fill?.color, font: color, bold, italic, underline: underline && underline !== "None", strike: strikethrough, border: borders?.EdgeTop?.color };
}

function scale({ type, rule }) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 44 26");
  for (const [name, attributes] of shapes(type, rule)) {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    picture.append(shape);
  }
  return picture;
}

function shapes(type, rule) {
  if (type === "ColorScale") {
    const { minimum, midpoint, maximum } = rule.criteria;
    const colours = [minimum, midpoint, maximum].filter(Boolean).map(({ color }) => color);
    return colours.map((fill, place) => ["rect", { x: (44 / colours.length) * place, y: 0, width: 44 / colours.length + 1, height: 26, fill }]);
  }
  if (type === "DataBar") {
    const fill = rule.positiveFormat.fillColor;
    return [14, 36, 24].map((width, place) => ["rect", { x: 3, y: 3 + 7 * place, width, height: 5, fill }]);
  }
  return ["#c62828", "#e0a100", "#2e7d32"].map((fill, place) => ["circle", { cx: 9 + 13 * place, cy: 13, r: 5, fill }]);
}

/** A rule of the sheet; `act` has select, explain(rule, output), edit(rule), move(rule, by) and remove(rule). */
export function ruleCard(rule, place, count, act) {
  const name = `rule-${rule.id}`;
  const said = el("p", { className: "quiet", attributes: { "aria-live": "polite" } });
  const small = (text, label, work, more = {}) => button(text, work, { attributes: { "aria-label": `${label}: ${rule.says}` }, ...more });
  const buttons = el("div", { className: "row" },
    small("Explain", "Explain", () => act.explain(rule, said)),
    small("Edit", "Edit", () => act.edit(rule)),
    small("↑", "Move up", () => act.move(rule, -1), { disabled: place === 0 }),
    small("↓", "Move down", () => act.move(rule, 1), { disabled: place === count - 1 }),
    small("Remove", "Remove", () => act.remove(rule), { className: "danger" }));
  const title = el("h3", { id: name, textContent: rule.says });
  const cells = el("div", { className: "where" }, button(rule.range, () => act.select(rule.office.range), { className: "link", attributes: { "aria-label": `Show ${rule.range}` } }));
  return el("li", { className: "card" }, el("div", { className: "rule" }, swatch(rule.office, rule.style), title, cells), said, buttons);
}
