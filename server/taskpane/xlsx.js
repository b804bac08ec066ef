/** Values and number formats of a workbook's sheets, read in the browser: the file stays here until rules are applied. */

import { parseArea } from "./cells.js";

const BUILT_IN = { 9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 22: "yyyy-mm-dd h:mm", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00" };
const MOST_BYTES = 32 * 2 ** 20;
const MOST_ROWS = 5000;
const MOST_COLUMNS = 200;

export class WorkbookError extends Error {
  code = "unreadable";
}

/** [{name, rows}] where rows[r][c] = {value, format}, both from A1. */
export async function readWorkbook(file) {
  if (file.size > MOST_BYTES) throw new WorkbookError("The file is larger than 32 MB.");
  try {
    const parts = await unzip(new Uint8Array(await file.arrayBuffer()));
    const book = await parts("xl/workbook.xml");
    const links = await parts("xl/_rels/workbook.xml.rels");
    const strings = texts(await parts("xl/sharedStrings.xml"));
    const formats = cellFormats(await parts("xl/styles.xml"));
    const targets = Object.fromEntries(all(links, "Relationship").map((each) => [each.getAttribute("Id"), each.getAttribute("Target")]));
    const found = [];
    for (const sheet of all(book, "sheet")) {
      const id = [...sheet.attributes].find(({ localName }) => localName === "id")?.value;
      const target = targets[id] ?? "";
      const page = await parts(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
      if (page?.documentElement.localName !== "worksheet") continue;
      const rows = rowsOf(page, strings, formats);
      for (const merged of all(page, "mergeCell")) join(rows, parseArea(merged.getAttribute("ref")));
      found.push({ name: sheet.getAttribute("name"), rows, tables: await tablesOf(page, target, parts) });
    }
    if (!found.length) throw new WorkbookError("There is no sheet in this file.");
    return found;
  } catch (error) {
    if (error instanceof WorkbookError) throw error;
    throw new WorkbookError("This is no .xlsx workbook, or it is encrypted.");
  }
}

/** A function from a part's name to its XML document, or null. Source: APPNOTE.TXT 4.3. */
async function unzip(bytes) {
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
  const entries = new Map();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    entries.set(path.toLowerCase(), { method: view.getUint16(at + 10, true), size: view.getUint32(at + 20, true), start: view.getUint32(at + 42, true) });
    at += 46 + name + extra + comment;
  }
  return async (path) => {
    const entry = entries.get(path.toLowerCase());
    if (!entry) return null;
    const begin = entry.start + 30 + view.getUint16(entry.start + 26, true) + view.getUint16(entry.start + 28, true);
    const body = bytes.subarray(begin, begin + entry.size);
    return new DOMParser().parseFromString(new TextDecoder().decode(entry.method === 8 ? await inflate(body) : body), "text/xml");
  };
}

async function inflate(body) {
  const reader = new Blob([body]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const chunks = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > 4 * MOST_BYTES) throw new WorkbookError("The workbook is too large to show here.");
    chunks.push(part.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

const all = (node, name) => (node ? [...node.getElementsByTagNameNS("*", name)] : []);
const first = (node, name) => all(node, name)[0];
const textOf = (node) => all(node, "t").filter((each) => each.parentNode.localName !== "rPh").map((each) => each.textContent).join("");
const texts = (document) => all(document, "si").map(textOf);

function cellFormats(document) {
  const own = Object.fromEntries(all(document, "numFmt").map((each) => [each.getAttribute("numFmtId"), each.getAttribute("formatCode")]));
  const styles = all(first(document, "cellXfs"), "xf").map((each) => each.getAttribute("numFmtId"));
  return styles.map((id) => own[id] ?? BUILT_IN[id] ?? "General");
}

function rowsOf(page, strings, formats) {
  const rows = [];
  for (const row of all(page, "row")) {
    for (const cell of all(row, "c")) {
      const place = position(cell.getAttribute("r"));
      if (!place || place.row >= MOST_ROWS || place.column >= MOST_COLUMNS) continue;
      (rows[place.row] ??= [])[place.column] = { value: valueOf(cell, strings), format: formats[cell.getAttribute("s") ?? 0] ?? "General" };
    }
  }
  const width = Math.max(0, ...rows.filter(Boolean).map((row) => row.length));
  return Array.from(rows, (row) => Array.from({ length: width }, (_, column) => row?.[column] ?? { value: "", format: "General" }));
}

/** Merged cells are one, so none of them is a gap in a table. */
function join(rows, { left, top, right, bottom }) {
  if (rows[top - 1]?.[left]?.value === "") return;
  for (const row of rows.slice(top - 1, bottom)) for (const cell of row.slice(left, right + 1)) cell.joined = true;
}

/** The areas of Excel's own tables on a sheet. */
async function tablesOf(page, target, parts) {
  if (!first(page, "tablePart")) return [];
  const [folder, name] = [target.replace(/[^/]*$/, ""), target.split("/").pop()];
  const links = await parts(`${folder.startsWith("/") ? folder.slice(1) : `xl/${folder}`}_rels/${name}.rels`);
  const own = all(links, "Relationship").filter((each) => each.getAttribute("Type").endsWith("/table"));
  const found = await Promise.all(own.map((each) => parts(`xl/tables/${each.getAttribute("Target").split("/").pop()}`)));
  return found.filter(Boolean).map((table) => parseArea(table.documentElement.getAttribute("ref")));
}

function position(text) {
  const [, name, row] = /^([A-Z]+)(\d+)$/.exec(text ?? "") ?? [];
  if (!name) return null;
  return { column: [...name].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1, row: Number(row) - 1 };
}

function valueOf(cell, strings) {
  const type = cell.getAttribute("t");
  const text = first(cell, "v")?.textContent ?? "";
  if (type === "inlineStr") return textOf(cell);
  if (type === "s") return strings[Number(text)] ?? "";
  if (type === "b") return text === "1";
  if (type === "str" || type === "e" || text === "") return text;
  return Number(text);
}
