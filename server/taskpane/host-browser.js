/** The host in an ordinary browser: a grid over an uploaded workbook or the sample. See host.js. */

import { arrangeWorkbook, readExisting } from "./api.js";
import { letters, parseArea } from "./cells.js";
import { $ } from "./dom.js";
import { drawGrid, paint, showCells } from "./grid.js";
import { readWorkbook } from "./xlsx.js";

export class BrowserHost {
  name = "browser";
  #sheets = [];
  #sheet = null;
  #file = null;
  #applied = [];
  #shown = [];
  #steps = [];
  #next = 1;
  #isRead = true;
  #tell = () => {};

  get canUndo() {
    return this.#steps.length > 0;
  }

  get canDownload() {
    return this.#file !== null && this.#steps.length > 0;
  }

  async start() {
    for (const id of ["open", "grid"]) $(id).hidden = false;
    $("file").onchange = () => $("file").files[0] && this.onOpen(() => this.#open($("file").files[0]));
    $("sample").onclick = () => this.onOpen(() => this.#sample());
    $("sheet").onchange = () => this.onOpen(() => this.#show(this.#sheets[$("sheet").selectedIndex]));
    await this.#sample();
  }

  /** Set by the page, so that a file that cannot be read is told like every other failure. */
  onOpen = (work) => work();
  /** Set by the page; called when the rules of a workbook have been read. */
  onRules = () => {};
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
    this.#sheets = sheets;
    $("sheet").replaceChildren(...sheets.map(({ name }) => new Option(name)));
    $("sheet-choice").hidden = sheets.length < 2;
    return this.#show(sheets[0]);
  }

  async #show(sheet) {
    this.#sheet = sheet;
    this.#applied = [];
    this.#shown = [];
    this.#steps = [];
    this.#isRead = this.#file === null || !sheet.rows.length;
    drawGrid(sheet.rows);
    this.#tell();
    await this.#readRules();
  }

  /** The workbook's own rules come below those that were applied while they were read. */
  async #readRules() {
    if (this.#isRead) return;
    const sheet = this.#sheet;
    const found = (await readExisting(this.#file, sheet.name, this.#address())).map((rule) => ({ ...rule, isOld: true }));
    if (this.#sheet !== sheet || this.#isRead) return;
    this.#isRead = true;
    this.#applied = [...this.#applied, ...found];
    this.#steps = this.#steps.map((step) => [...step, ...found]);
    this.#paint();
    await this.onRules();
  }

  #area() {
    const { rows } = this.#sheet;
    const filled = rows.map((row) => row.some(({ value }) => value !== ""));
    const top = Math.max(0, filled.indexOf(true));
    const bottom = Math.max(top, filled.lastIndexOf(true));
    return { top, bottom, width: rows[0]?.length ?? 1 };
  }

  async readTable() {
    const { top, bottom } = this.#area();
    const rows = this.#sheet.rows.slice(top, bottom + 1);
    if (!rows.length) throw Object.assign(new Error("This sheet is empty. Choose another."), { code: "empty" });
    return {
      address: `'${this.#sheet.name.replaceAll("'", "''")}'!${this.#address()}`,
      values: rows.map((row) => row.map(({ value }) => value)),
      number_formats: rows.map((row) => row.map(({ format }) => format)),
    };
  }

  #address() {
    const { top, bottom, width } = this.#area();
    return `A${top + 1}:${letters(width - 1)}${bottom + 1}`;
  }

  async onSelection(callback) {
    this.#tell = () => {
      const { top, bottom, width } = this.#area();
      callback({ address: `${this.#sheet.name}!${this.#address()}`, rows: bottom - top + 1, columns: width });
    };
    this.#tell();
  }

  async select(address) {
    showCells(address.split(",").map(parseArea));
  }

  async preview(rules) {
    this.#shown = rules;
    this.#paint();
  }

  async clearPreview() {
    this.#shown = [];
    this.#paint();
  }

  async apply(rules, replaces = null) {
    this.#step();
    this.#shown = [];
    const place = Math.max(0, this.#applied.findIndex(({ id }) => id === replaces));
    const added = rules.map((rule) => ({ ...rule, id: String(this.#next++) }));
    this.#applied.splice(place, replaces === null ? 0 : 1, ...added);
    this.#paint();
  }

  async undo() {
    this.#applied = this.#steps.pop() ?? this.#applied;
    this.#paint();
  }

  async listRules() {
    return this.#applied.map((rule, priority) => ({ ...rule, priority, type: rule.office.type, says: rule.explanation, note: this.#note(rule, priority) }));
  }

  #note({ note, hidden_by: hiding = [] }, priority) {
    const above = this.#applied.slice(0, priority).flatMap(({ id }, place) => (hiding.includes(id) ? [place + 1] : []));
    const hidden = above.length ? `Where both hold it may be hidden by priority ${above.join(", ")}.` : "";
    return [note, hidden].filter(Boolean).join(" ");
  }

  async move(id, by) {
    this.#step();
    const from = this.#applied.findIndex((rule) => rule.id === id);
    this.#applied.splice(from + by, 0, ...this.#applied.splice(from, 1));
    this.#paint();
  }

  async remove(id) {
    this.#step();
    this.#applied = this.#applied.filter((rule) => rule.id !== id);
    this.#paint();
  }

  /** The uploaded workbook whose sheet has the rules of the list. */
  async download() {
    await this.#readRules();
    const added = this.#applied.filter(({ isOld }) => !isOld);
    const rules = added.map(({ condition, target, style, stop_if_true = false }) => ({ condition, target, style, stop_if_true }));
    const order = this.#applied.map((rule) => (rule.isOld ? rule.id : `+${added.indexOf(rule)}`));
    const body = await arrangeWorkbook(this.#file, this.#sheet.name, this.#address(), rules, order);
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(body), download: this.#file.name.replace(/(\.\w+)$/, "-formatted$1") });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  #step() {
    this.#steps.push([...this.#applied]);
  }

  #paint() {
    paint([...this.#shown, ...this.#applied], this.#sheet.rows);
  }
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
