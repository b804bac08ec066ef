/** Which cells are one table. Areas have 0-based columns and 1-based rows, as parseArea has them. */

import { letters } from "./cells.js";

const isFilled = (rows, row, column) => {
  const cell = rows[row - 1]?.[column];
  return cell !== undefined && (cell.value !== "" || cell.joined === true);
};
const span = (from, to) => Array.from({ length: to - from + 1 }, (_, step) => from + step);
export const address = ({ left, top, right, bottom }) => `${letters(left)}${top}:${letters(right)}${bottom}`;
export const holds = (area, { row, column }) => row >= area.top && row <= area.bottom && column >= area.left && column <= area.right;

/** Excel's own table at a cell, else the block around it, as Ctrl+A selects it. */
export function regionAt({ rows, tables = [] }, cell) {
  const table = tables.find((area) => holds(area, cell));
  if (table) return table;
  const area = { left: cell.column, right: cell.column, top: cell.row, bottom: cell.row };
  const last = (rows[0]?.length ?? 1) - 1;
  const inRow = (row) => span(area.left - 1, area.right + 1).some((column) => isFilled(rows, row, column));
  const inColumn = (column) => span(area.top - 1, area.bottom + 1).some((row) => isFilled(rows, row, column));
  for (;;) {
    if (area.top > 1 && inRow(area.top - 1)) area.top -= 1;
    else if (area.bottom < rows.length && inRow(area.bottom + 1)) area.bottom += 1;
    else if (area.left > 0 && inColumn(area.left - 1)) area.left -= 1;
    else if (area.right < last && inColumn(area.right + 1)) area.right += 1;
    else return area;
  }
}

/** The table or block of a sheet with the most filled cells, null where it has none. */
export function mainRegion({ rows, tables = [] }) {
  const size = (area) => span(area.top, area.bottom).reduce((sum, row) => sum + span(area.left, area.right).filter((column) => isFilled(rows, row, column)).length, 0);
  const largest = (areas) => areas.map((area) => [size(area), area]).sort((a, b) => b[0] - a[0])[0]?.[1] ?? null;
  const found = [...tables];
  rows.forEach((cells, index) => cells.forEach((_, column) => {
    const cell = { row: index + 1, column };
    if (isFilled(rows, cell.row, column) && !found.some((area) => holds(area, cell))) found.push(regionAt({ rows }, cell));
  }));
  return largest(found);
}

/** The part of an area in which something is filled, null where nothing is. */
export function filledPart({ rows }, { left, top, right, bottom }) {
  const last = { row: rows.findLastIndex((row) => row.some(({ value }) => value !== "")) + 1, column: (rows[0]?.length ?? 0) - 1 };
  const area = { left, top, right: Math.min(right, last.column), bottom: Math.min(bottom, last.row) };
  const some = span(area.top, area.bottom).some((row) => span(area.left, area.right).some((column) => isFilled(rows, row, column)));
  return some ? area : null;
}
