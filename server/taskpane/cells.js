/** Addresses: letters ↔ numbers (0-based columns, 1-based rows) and lists of cells as areas. */

const LONGEST = 255;

export function letters(column) {
  let text = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  }
  return text;
}

export function parseCell(text) {
  const [, name, row] = /^\$?([A-Z]+)\$?(\d+)$/.exec(text) ?? [];
  if (!name) return null;
  const column = [...name].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { column, row: Number(row) };
}

export function parseArea(text) {
  const [first, last] = text.split("!").pop().split(":").map(parseCell);
  return { left: first.column, top: first.row, right: (last ?? first).column, bottom: (last ?? first).row };
}

/** "D2:D5,D9" for a list of cells; as many whole areas as Excel takes in one address. */
export function joinCells(cells) {
  const places = cells.map(parseCell).sort((a, b) => a.column - b.column || a.row - b.row);
  const runs = [];
  for (const { column, row } of places) {
    const last = runs.at(-1);
    if (last?.column === column && last.to === row - 1) last.to = row;
    else runs.push({ column, from: row, to: row });
  }
  let text = "";
  for (const { column, from, to } of runs) {
    const name = letters(column);
    const area = from === to ? `${name}${from}` : `${name}${from}:${name}${to}`;
    if (text.length + area.length + 1 > LONGEST) break;
    text += (text && ",") + area;
  }
  return text;
}
