/** Rows as a table; numbers stand to the right. */

import { el } from "../taskpane/dom.js";

export function table(name, headers, rows) {
  const style = (value) => (typeof value === "number" ? "number" : "");
  const top = headers.map((text, place) => el("th", { scope: "col", textContent: text, className: style(rows[0]?.[place]) }));
  const body = rows.map((row) => el("tr", {}, ...row.map((value) => el("td", { textContent: value.toLocaleString("en"), className: style(value) }))));
  return el("table", { attributes: { "aria-label": name } }, el("thead", {}, el("tr", {}, ...top)), el("tbody", {}, ...body));
}
