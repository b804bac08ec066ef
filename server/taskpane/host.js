/** What the page needs of the program that holds the sheet. Two hosts have these members:
 *  host-excel.js (Office.js) and host-browser.js (a grid in an ordinary browser).
 *
 *  name        "Excel" or "browser"
 *  start()                 → resolves when it can be used
 *  theme()                 → "light" | "dark" | null (as the system has it)
 *  readTable()             → {address, values, number_formats}: the table at the selection
 *  onSelection(callback)   → callback({address, rows, columns}) now and when it changes
 *  select(address)         → shows cells, "D2:D31" or "D4,D17"
 *  preview(rules)          → adds the rules for a look; clearPreview() takes them away
 *  apply(rules, replaces, table)  → adds the rules, readings for a table, as one step, in place of the rule with that id
 *  undo()                  → takes the last step back; canUndo says whether there is one
 *  listRules()             → [{id, type, range, priority, formula, says, office}], first priority first
 *  move(id, by), remove(id)
 *  onRules, onSheet        set by the page: called when the list has changed by itself, or another sheet is shown
 *  `rules` are those of a candidate: the page adds nothing to `office`.
 */

export class HostError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}

const OFFICE = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js";
const PATIENCE = 4000;

/** The host that the page was opened in. The manifest asks for `?app=excel`; Office adds `_host_Info`. */
export async function findHost() {
  if (inOffice()) {
    try {
      const [{ ExcelHost }] = await Promise.all([import("./host-excel.js"), loadOffice()]);
      return new ExcelHost();
    } catch (error) {
      if (error instanceof HostError) throw error;
      throw new HostError("office-missing", "Excel's own library could not be loaded. Check the network and reload.");
    }
  }
  const { BrowserHost } = await import("./host-browser.js");
  return new BrowserHost();
}

function inOffice() {
  return /_host_info|[?&]app=excel/i.test(location.search + location.hash);
}

async function loadOffice() {
  // Office.js takes these away and does not give them back
  const { pushState, replaceState } = history;
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: OFFICE });
    script.onload = resolve;
    script.onerror = () => reject(new Error("office.js"));
    document.head.append(script);
  });
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new HostError("office-late", "Excel does not answer. Close this pane and open it again.")), PATIENCE);
  });
  const info = await Promise.race([Office.onReady(), late]);
  clearTimeout(timer);
  Object.assign(history, { pushState, replaceState });
  if (info.host !== "Excel") throw new HostError("no-excel", "CellFusion works in Excel only.");
  if (!Office.context.requirements.isSetSupported("ExcelApi", "1.9")) {
    throw new HostError("old-excel", "This Excel is too old for CellFusion; it needs Excel 2021 or Microsoft 365.");
  }
}
