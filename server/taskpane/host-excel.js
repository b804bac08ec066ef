/** The host inside Excel: Office.js, ExcelApi 1.9. See host.js for what each member does. */

import { HostError } from "./host.js";
import { addRule, describe, readRules } from "./excel-rules.js";

const SENTENCES = {
  AccessDenied: "The sheet is protected. Unprotect it and try again.",
  InvalidSelection: "Select one cell or one block of cells.",
  InvalidReference: "The cells of the rule are no longer there. Suggest again.",
  ItemNotFound: "That is no longer there; the list was read again.",
  InvalidOperationInCellEditMode: "Finish editing the cell and try again.",
  RequestPayloadSizeLimitExceeded: "The selection is too large. Select fewer cells.",
  ResponsePayloadSizeLimitExceeded: "The selection is too large. Select fewer cells.",
};
const LEFT_OVER = "cellfusion-preview";

export class ExcelHost {
  name = "Excel";
  #sheet = null;
  #shown = [];
  #steps = [];

  get canUndo() {
    return this.#steps.length > 0;
  }

  async start() {
    const left = JSON.parse(storage()?.getItem(leftOver()) ?? "null");
    if (left) {
      // a pane that was closed during a preview could not clear it
      this.#shown = left.ids;
      await this.clearPreview(left.sheet).catch(() => {});
    }
  }

  theme() {
    const theme = Office.context.officeTheme;
    if (!theme) return null;
    const dark = theme.isDarkTheme ?? isDark(theme.bodyBackgroundColor);
    return dark ? "dark" : "light";
  }

  readTable() {
    return run(async (context) => {
      const { sheet, range } = await tableRange(context);
      range.load("address,values,numberFormat");
      sheet.load("id");
      await context.sync();
      this.#sheet = sheet.id;
      return { address: range.address, values: range.values, number_formats: range.numberFormat };
    });
  }

  async onSelection(callback) {
    let busy = false;
    let again = false;
    const tell = async () => {
      again = busy;
      if (busy) return;
      busy = true;
      callback(await this.#where().catch(() => null));
      busy = false;
      if (again) tell();
    };
    await run(async (context) => {
      context.workbook.onSelectionChanged.add(tell);
      await context.sync();
    });
    await tell();
  }

  #where() {
    return run(async (context) => {
      const { range } = await tableRange(context);
      range.load("address,rowCount,columnCount");
      await context.sync();
      return { address: range.address, rows: range.rowCount, columns: range.columnCount };
    });
  }

  select(address) {
    return run(async (context) => {
      const sheet = this.#on(context);
      sheet.activate();
      cells(sheet, address).select();
      await context.sync();
    });
  }

  async preview(rules) {
    await this.clearPreview();
    await run(async (context) => {
      this.#shown = await addRules(context, this.#on(context), rules);
    });
    storage()?.setItem(leftOver(), JSON.stringify({ sheet: this.#sheet, ids: this.#shown }));
  }

  async clearPreview(sheet = this.#sheet) {
    const ids = this.#shown;
    if (!ids.length) return;
    await run((context) => deleteRules(context, context.workbook.worksheets.getItem(sheet), ids));
    this.#shown = [];
    storage()?.removeItem(leftOver());
  }

  async apply(rules, replaces = null) {
    await this.clearPreview();
    await run(async (context) => {
      const sheet = this.#on(context);
      const before = replaces === null ? [] : (await readRules(context, sheet)).filter(({ id }) => id === replaces);
      for (const { id } of before) all(sheet).getItem(id).delete();
      const start = before[0]?.priority ?? 0;
      const added = await addRules(context, sheet, rules, start);
      this.#steps.push({ sheet: this.#sheet, added, removed: before });
    });
  }

  async undo() {
    const step = this.#steps.at(-1);
    if (!step) return;
    await run(async (context) => {
      const sheet = context.workbook.worksheets.getItem(step.sheet);
      await deleteRules(context, sheet, step.added);
      for (const rule of step.removed) {
        const [id] = await addRules(context, sheet, [rule], rule.priority);
        this.#renamed(rule.id, id);
      }
    });
    this.#steps.pop();
  }

  listRules() {
    return run(async (context) => {
      const rules = await readRules(context, this.#on(context));
      return rules.filter(({ id }) => !this.#shown.includes(id)).map((rule) => ({ ...rule, says: describe(rule) }));
    });
  }

  move(id, by) {
    return run(async (context) => {
      const formats = all(this.#on(context));
      formats.load("items/id,items/priority");
      await context.sync();
      const order = [...formats.items].sort((a, b) => a.priority - b.priority);
      const place = order.findIndex((each) => each.id === id) + by;
      if (place < 0 || place >= order.length) return;
      formats.getItem(id).priority = order[place].priority;
      await context.sync();
    });
  }

  remove(id) {
    return run(async (context) => {
      const sheet = this.#on(context);
      const removed = (await readRules(context, sheet)).filter((rule) => rule.id === id);
      await deleteRules(context, sheet, [id]);
      this.#steps.push({ sheet: this.#sheet, added: [], removed });
    });
  }

  /** A rule that came back has a new id, by which earlier steps have to know it. */
  #renamed(before, after) {
    for (const step of this.#steps) step.added = step.added.map((id) => (id === before ? after : id));
  }

  #on(context) {
    const sheets = context.workbook.worksheets;
    return this.#sheet ? sheets.getItem(this.#sheet) : sheets.getActiveWorksheet();
  }
}

async function run(work) {
  try {
    return await Excel.run({ delayForCellEdit: true, mergeUndoGroup: true }, work);
  } catch (error) {
    if (error instanceof HostError) throw error;
    const code = error.code ?? "unknown";
    throw new HostError(code, SENTENCES[code] ?? "Excel refused this. Try again.", { cause: error });
  }
}

/** The table at the selection: Excel's own, else the block around one cell, else the cells that are used. */
async function tableRange(context) {
  const selected = context.workbook.getSelectedRange();
  const sheet = selected.worksheet;
  const tables = selected.getTables(false);
  selected.load("cellCount");
  tables.load("items/name");
  await context.sync();
  if (tables.items.length) return { sheet, range: tables.items[0].getRange() };
  if (selected.cellCount === 1) return { sheet, range: selected.getSurroundingRegion() };
  const range = selected.getIntersectionOrNullObject(sheet.getUsedRange());
  range.load("address");
  await context.sync();
  if (range.isNullObject) throw new HostError("empty", "The selected cells are empty. Select a table.");
  return { sheet, range };
}

/** Ids of the rules, added through exactly their ranges, so that their formulas stand where they were written for. */
async function addRules(context, sheet, rules, start = 0) {
  const formats = rules.map(({ office }) => addRule(cells(sheet, office.range), office));
  for (const format of formats) format.load("id");
  await context.sync();
  const ids = formats.map(({ id }) => id);
  // where a new rule goes by itself is contradicted in Excel's documentation, so each is told;
  // after its priority has changed, a rule has to be fetched anew, so this comes last
  for (const [place, id] of ids.entries()) all(sheet).getItem(id).priority = start + place;
  await context.sync();
  return ids;
}

async function deleteRules(context, sheet, ids) {
  const found = ids.map((id) => all(sheet).getItemOrNullObject(id));
  for (const format of found) format.load("id");
  await context.sync();
  for (const format of found) if (!format.isNullObject) format.delete();
  await context.sync();
}

const all = (sheet) => sheet.getRange().conditionalFormats;
const cells = (sheet, address) => (address.includes(",") ? sheet.getRanges(address) : sheet.getRange(address));
const leftOver = () => `${Office.context.partitionKey ?? ""}${LEFT_OVER}`;

function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

function isDark(colour = "#FFFFFF") {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
