/** The host in an ordinary browser: a grid over an uploaded workbook or the sample. See host.js. */

import { arrangeWorkbook, readExisting } from "./api.js";
import { letters, parseArea } from "./cells.js";
import { showCursor, showTable, wireCursor } from "./cursor.js";
import { $ } from "./dom.js";
import { drawGrid, paint, showCells } from "./grid.js";
import { HostError } from "./host.js";
import { address, filledPart, mainRegion, regionAt } from "./region.js";
import { readWorkbook } from "./xlsx.js";

const EMPTY = "The selected cells are empty. Select a cell of a table.";

/** What is kept of each sheet while others are shown: its rules, the steps that led to them, and what is chosen. */
const fresh = (sheet, isRead) => ({ tables: [], ...sheet, applied: [], steps: [], isRead: isRead || !sheet.rows.length, table: null });

export class BrowserHost {
  name = "browser";
  #sheets = [];
  #sheet = null;
  #file = null;
  #shown = [];
  #next = 1;
  #tell = () => {};

  get canUndo() {
    return this.#sheet.steps.length > 0;
  }

  get canDownload() {
    return this.#file !== null && this.#sheets.some(({ steps }) => steps.length > 0);
  }

  async start() {
    for (const id of ["open", "grid"]) $(id).hidden = false;
    $("refresh").hidden = true;
    $("table").setAttribute("aria-live", "polite");
    const open = (file) => file && this.onOpen(() => this.#open(file));
    $("file").onchange = async () => {
      await open($("file").files[0]);
      $("file").value = ""; // so that the same file can be opened again
    };
    document.ondragover = (event) => event.preventDefault();
    document.ondrop = (event) => {
      event.preventDefault();
      open(event.dataTransfer.files[0]);
    };
    $("sample").onclick = () => this.onOpen(() => this.#sample());
    $("sheet").onchange = () => this.onOpen(() => this.#show(this.#sheets[$("sheet").selectedIndex]));
    wireCursor((area, cell) => this.#choose(area, cell));
    await this.#sample();
  }

  /** Set by the page, so that a file that cannot be read is told like every other failure. */
  onOpen = (work) => work();
  /** Set by the page; called when the rules of a workbook have been read, and when another sheet is shown. */
  onRules = () => {};
  onSheet = () => {};
  theme = () => null;

  async #sample() {
    const { default: sample } = await import("./sample.js");
    this.#file = null;
    await this.#offer([{ name: sample.name, rows: moved(sample) }]);
  }

  async #open(file) {
    const sheets = await readWorkbook(file);
    this.#file = file;
    await this.#offer(sheets);
  }

  #offer(sheets) {
    this.#sheets = sheets.map((sheet) => fresh(sheet, this.#file === null));
    $("sheet").replaceChildren(...sheets.map(({ name }) => new Option(name)));
    $("sheet-choice").hidden = sheets.length < 2;
    return this.#show(this.#sheets[0]);
  }

  async #show(sheet) {
    this.#sheet = sheet;
    this.#shown = [];
    drawGrid(sheet.rows);
    sheet.table ??= mainRegion(sheet);
    if (sheet.table) showCursor({ ...sheet.table, right: sheet.table.left, bottom: sheet.table.top }, sheet.table);
    this.#paint();
    this.#tell();
    await this.onSheet();
    await this.#readRules(sheet);
  }

  /** One cell stands for the table that it is in, several are taken as they are. */
  #choose(area, { row, column }) {
    const sheet = this.#sheet;
    const one = area.left === area.right && area.top === area.bottom;
    sheet.table = filledPart(sheet, one ? regionAt(sheet, { row, column }) : area);
    showCursor(area, sheet.table);
    $("cell").textContent = `${letters(column)}${row} ${sheet.rows[row - 1]?.[column]?.value ?? ""}`;
    this.#tell();
  }

  /** The workbook's own rules come below those that were applied while they were read. */
  async #readRules(sheet) {
    if (sheet.isRead) return;
    const file = this.#file;
    const found = (await readExisting(file, sheet.name, sheet.table ? address(sheet.table) : "A1")).map((rule) => ({ ...rule, isOld: true }));
    if (this.#file !== file || sheet.isRead) return;
    sheet.isRead = true;
    sheet.applied = [...sheet.applied, ...found];
    sheet.steps = sheet.steps.map((step) => [...step, ...found]);
    if (this.#sheet !== sheet) return;
    this.#paint();
    await this.onRules();
  }

  async readTable() {
    const { name, rows, table } = this.#sheet;
    if (!rows.length) throw new HostError("empty", "This sheet is empty. Choose another.");
    if (!table) throw new HostError("empty", EMPTY);
    const part = rows.slice(table.top - 1, table.bottom).map((row) => row.slice(table.left, table.right + 1));
    return {
      address: `'${name.replaceAll("'", "''")}'!${address(table)}`,
      values: part.map((row) => row.map(({ value }) => value)),
      number_formats: part.map((row) => row.map(({ format }) => format)),
    };
  }

  async onSelection(callback) {
    this.#tell = () => {
      const { name, table } = this.#sheet;
      callback(table && { address: `${name}!${address(table)}`, rows: table.bottom - table.top + 1, columns: table.right - table.left + 1 });
    };
    this.#tell();
  }

  async select(cells) {
    showCells(cells.split(",").map(parseArea));
  }

  async preview(rules) {
    this.#shown = rules;
    this.#paint();
    const [first] = rules.flatMap(({ matches }) => matches);
    if (first) showCells([parseArea(first)], false);
  }

  async clearPreview() {
    this.#shown = [];
    this.#paint();
  }

  /** The table of a rule's columns goes with it: the next rule may be for another one. */
  async apply(rules, replaces = null, table = null) {
    this.#step();
    this.#shown = [];
    const { applied } = this.#sheet;
    const place = Math.max(0, applied.findIndex(({ id }) => id === replaces));
    const added = rules.map((rule) => ({ ...rule, id: String(this.#next++), table: table?.address.split("!").pop() }));
    applied.splice(place, replaces === null ? 0 : 1, ...added);
    this.#paint();
  }

  async undo() {
    this.#sheet.applied = this.#sheet.steps.pop() ?? this.#sheet.applied;
    this.#paint();
  }

  async listRules() {
    return this.#sheet.applied.map((rule, priority) => ({ ...rule, priority, type: rule.office.type, says: rule.explanation, note: this.#note(rule, priority) }));
  }

  #note({ note, hidden_by: hiding = [] }, priority) {
    const above = this.#sheet.applied.slice(0, priority).flatMap(({ id }, place) => (hiding.includes(id) ? [place + 1] : []));
    const hidden = above.length ? `Where both hold it may be hidden by priority ${above.join(", ")}.` : "";
    return [note, hidden].filter(Boolean).join(" ");
  }

  async move(id, by) {
    this.#step();
    const { applied } = this.#sheet;
    const from = applied.findIndex((rule) => rule.id === id);
    applied.splice(from + by, 0, ...applied.splice(from, 1));
    this.#paint();
  }

  async remove(id) {
    this.#step();
    this.#sheet.applied = this.#sheet.applied.filter((rule) => rule.id !== id);
    this.#paint();
  }

  /** The uploaded workbook whose sheets have the rules of their lists. */
  async download() {
    let file = this.#file;
    for (const sheet of this.#sheets.filter(({ steps }) => steps.length > 0)) {
      await this.#readRules(sheet);
      file = new File([await arranged(file, sheet)], this.#file.name);
    }
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name.replace(/(\.\w+)$/, "-formatted$1") });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  #step() {
    this.#sheet.steps.push([...this.#sheet.applied]);
  }

  #paint() {
    paint([...this.#shown, ...this.#sheet.applied], this.#sheet.rows);
    showTable(this.#sheet.table); // a column may have grown under its frame
  }
}

function arranged(file, { name, applied }) {
  const added = applied.filter(({ isOld }) => !isOld);
  const rules = added.map(({ condition, target, style, stop_if_true = false }) => ({ condition, target, style, stop_if_true }));
  const order = applied.map((rule) => (rule.isOld ? rule.id : `+${added.indexOf(rule)}`));
  return arrangeWorkbook(file, name, rules, added.map(({ table }) => table), order);
}

/** The sample's rows, its dates moved so that the newest orders are of these days. */
function moved({ day, formats, rows }) {
  const now = new Date();
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / 86400000 + 25569;
  return rows.map((row) => row.map((value, column) => {
    const isDate = typeof value === "number" && formats[column].includes("yy");
    return { value: isDate ? value + today - day : value, format: formats[column] };
  }));
}
