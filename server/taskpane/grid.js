/** The sheet as a table in the page, and rules painted on it as Excel would: the first one wins. */

import { letters, parseArea } from "./cells.js";
import { $, el } from "./dom.js";

const MOST_ROWS = 500;
const ICONS = ["#c62828", "#e0a100", "#2e7d32"];
let places = new Map();

export function drawGrid(rows) {
  places = new Map();
  const width = Math.max(1, rows[0]?.length ?? 1);
  const head = el("tr", {}, el("td"), ...Array.from({ length: width }, (_, column) => el("th", { scope: "col", textContent: letters(column) })));
  const body = rows.slice(0, MOST_ROWS).map((row, place) => el("tr", {}, el("th", { scope: "row", textContent: place + 1 }), ...row.map((cell, column) => drawCell(cell, place + 1, column))));
  const more = rows.length > MOST_ROWS ? el("p", { className: "quiet", textContent: `The first ${MOST_ROWS} of ${rows.length} rows are shown.` }) : null;
  $("grid").replaceChildren(el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)), ...(more ? [more] : []));
}

function drawCell({ value, format }, row, column) {
  const cell = el("td", { textContent: display(value, format), className: typeof value === "number" ? "number" : "" });
  places.set(`${letters(column)}${row}`, cell);
  return cell;
}

/** A value as its number format shows it: dates, per cent and decimals; Excel knows many more. */
export function display(value, format = "General") {
  if (typeof value === "boolean") return String(value).toUpperCase();
  if (typeof value !== "number") return value;
  const code = format.replace(/"[^"]*"|\[[^\]]*\]|\\./g, "").toLowerCase();
  if (/[dy]/.test(code)) return new Date(Math.round((value - 25569) * 86400) * 1000).toISOString().slice(0, 10);
  const digits = /\.(0+)/.exec(code)?.[1].length ?? 0;
  if (code.includes("%")) return `${(value * 100).toFixed(digits)}%`;
  if (code === "general") return String(Number(value.toPrecision(11)));
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: code.includes(",") });
}

/** Brings cells into view, and marks them unless told not to. */
export function showCells(areas, marks = true) {
  for (const cell of places.values()) cell.classList.remove("found");
  const found = areas.flatMap(inside);
  if (marks) for (const cell of found) cell.classList.add("found");
  found[0]?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function inside({ left, top, right, bottom }) {
  const found = [];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) found.push(places.get(`${letters(column)}${row}`));
  }
  return found.filter(Boolean);
}

export function paint(rules, rows) {
  const stopped = new Set();
  for (const cell of places.values()) cell.removeAttribute("style");
  for (const rule of rules) {
    const draw = SCALES[rule.office.type];
    if (rule.drawn && draw) paintDrawn(rule, stopped);
    else if (draw) draw(numbers(rule, rows), rule.office.rule);
    else paintMatches(rule, stopped);
  }
}

function paintMatches({ matches, style, stop_if_true }, stopped) {
  for (const address of matches) {
    const cell = places.get(address);
    if (!cell || stopped.has(address)) continue;
    for (const [name, value] of Object.entries(css(style))) cell.style[name] ||= value;
    if (stop_if_true) stopped.add(address);
  }
}

/** What the scale of a workbook's own rule draws, cell by cell, below rules that come before it. */
function paintDrawn({ drawn }, stopped) {
  for (const [address, { fill, bar, icon }] of Object.entries(drawn)) {
    const cell = places.get(address);
    if (!cell || stopped.has(address)) continue;
    if (fill) for (const [name, value] of Object.entries(css({ fill }))) cell.style[name] ||= value;
    if (bar) cell.style.backgroundImage ||= barImage(bar[2], bar[0] * 100, bar[1] * 100);
    if (icon !== undefined) paintIcon(cell, Math.round(icon * (ICONS.length - 1)));
  }
}

const barImage = (colour, from, to) =>
  `linear-gradient(90deg, transparent ${from}%, color-mix(in srgb, ${colour} 60%, white) ${from}% ${to}%, transparent ${to}%)`;

function paintIcon(cell, icon) {
  cell.style.backgroundImage = `radial-gradient(circle at 9px 50%, ${ICONS[icon] ?? ICONS[2]} 5px, transparent 5.5px)`;
  cell.style.paddingLeft = "20px";
}

/** A rule's style as CSS properties. */
export function css({ fill, font, bold, italic, underline, strike, border }) {
  const lines = [underline && "underline", strike && "line-through"].filter(Boolean).join(" ");
  return {
    ...(fill && { backgroundColor: fill, color: font ?? "#000000" }),
    ...(font && { color: font }),
    ...(bold !== undefined && { fontWeight: bold ? "700" : "400" }),
    ...(italic !== undefined && { fontStyle: italic ? "italic" : "normal" }),
    ...(lines && { textDecoration: lines }),
    ...(border && { boxShadow: `inset 0 0 0 1px ${border}` }),
  };
}

/** [cell, value, share] of every number of a scale's range; the share is 0 at the lowest and 1 at the highest. */
function numbers({ range }, rows) {
  const found = range.split(/[ ,]/).map(parseArea).flatMap(({ left, top, right, bottom }) =>
    rows.slice(top - 1, bottom).flatMap((row, offset) => row.slice(left, right + 1).map((cell, column) => [places.get(`${letters(left + column)}${top + offset}`), cell.value])));
  const kept = found.filter(([cell, value]) => cell && typeof value === "number").sort((a, b) => a[1] - b[1]);
  const [low, high] = [kept[0]?.[1], kept.at(-1)?.[1]];
  return kept.map(([cell, value]) => [cell, value, high === low ? 1 : (value - low) / (high - low)]);
}

const SCALES = {
  ColorScale(cells, { criteria: { minimum, midpoint, maximum } }) {
    const middle = midpoint ? cells[Math.floor((cells.length - 1) / 2)]?.[2] : null;
    for (const [cell, , share] of cells) {
      const [from, to, part] = middle === null ? [minimum, maximum, share]
        : share <= middle ? [minimum, midpoint, middle ? share / middle : 1] : [midpoint, maximum, (share - middle) / (1 - middle)];
      Object.assign(cell.style, { backgroundColor: `color-mix(in srgb, ${to.color} ${part * 100}%, ${from.color})`, color: "#000000" });
    }
  },
  DataBar(cells, { positiveFormat: { fillColor } }) {
    for (const [cell, , share] of cells) cell.style.backgroundImage = barImage(fillColor, 0, share * 100);
  },
  IconSet(cells, { criteria }) {
    const limits = criteria.slice(1).map(({ formula }) => Number(formula.replace("=", "")) / 100);
    for (const [cell, , share] of cells) {
      const icon = limits.filter((limit) => share >= limit).length;
      paintIcon(cell, icon);
    }
  },
};
