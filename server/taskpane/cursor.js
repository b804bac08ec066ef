/** Cells of the grid chosen by pointer or keys; two frames show the cells and the table that they stand for. */

import { $, el } from "./dom.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0], PageUp: [-20, 0], PageDown: [20, 0] };
let anchor = { row: 1, column: 0 };
let head = anchor;
let choose = () => {};

/** Calls back with the chosen area, and the cell that moved, whenever somebody has chosen. */
export function wireCursor(callback) {
  choose = callback;
  const grid = $("grid");
  grid.onpointerdown = (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.button !== 0 || event.pointerType === "touch") return;
    put(cell, event.shiftKey);
    frame("cursor", area());
  };
  grid.onpointermove = (event) => {
    const cell = event.buttons === 1 && event.pointerType !== "touch" ? cellOf(event.target) : null;
    if (!cell || (cell.row === head.row && cell.column === head.column)) return;
    put(cell, true);
    frame("cursor", area());
  };
  grid.onclick = (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    put(cell, event.shiftKey || !isAt(anchor, cell));
    choose(area(), head);
  };
  grid.onpointerup = (event) => {
    // a drag ends on another cell than it began on, and is then no click on either
    if (event.button === 0 && event.pointerType !== "touch" && !isAt(anchor, head)) choose(area(), head);
  };
  grid.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step || event.target !== grid || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const table = grid.querySelector("table");
    const [rows, columns] = [table.rows.length - 1, table.rows[0].cells.length - 1];
    put({ row: clamp(head.row + step[0], 1, rows), column: clamp(head.column + step[1], 0, columns - 1) }, event.shiftKey && event.key !== "Enter");
    drawn(head)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    choose(area(), head);
  };
}

/** Puts the cursor on a cell and draws both frames; null draws no table. */
export function showCursor(chosen, table) {
  anchor = { row: chosen.top, column: chosen.left };
  head = { row: chosen.bottom, column: chosen.right };
  frame("cursor", chosen);
  frame("area", table);
}

/** Draws the frame of the table alone. */
export const showTable = (table) => frame("area", table);

const isAt = (one, other) => one.row === other.row && one.column === other.column;
const clamp = (value, least, most) => Math.max(least, Math.min(most, value));
const area = () => ({
  left: Math.min(anchor.column, head.column), right: Math.max(anchor.column, head.column),
  top: Math.min(anchor.row, head.row), bottom: Math.max(anchor.row, head.row),
});

function put(cell, extend) {
  head = cell;
  if (!extend) anchor = cell;
}

function cellOf(target) {
  const cell = target.closest?.("#grid td");
  const row = cell?.parentNode.rowIndex ?? 0;
  return row > 0 && cell.cellIndex > 0 ? { row, column: cell.cellIndex - 1 } : null;
}

const drawn = ({ row, column }) => $("grid").querySelector("table")?.rows[row]?.cells[column + 1];

function frame(name, area) {
  const rows = ($("grid").querySelector("table")?.rows.length ?? 1) - 1;
  const first = area && drawn({ row: area.top, column: area.left });
  const last = area && drawn({ row: Math.min(area.bottom, rows), column: area.right });
  let box = $("grid").querySelector(`.${name}`);
  if (!first || !last) return box?.remove();
  if (!box) $("grid").append((box = el("div", { className: `box ${name}` })));
  Object.assign(box.style, {
    left: `${first.offsetLeft}px`, top: `${first.offsetTop}px`,
    width: `${last.offsetLeft + last.offsetWidth - first.offsetLeft}px`, height: `${last.offsetTop + last.offsetHeight - first.offsetTop}px`,
  });
  return box;
}
