/** The eight types of conditional format: written from a rule's `office`, and read back as one. */

const MEMBERS = {
  Custom: "custom", CellValue: "cellValue", ContainsText: "textComparison", TopBottom: "topBottom",
  PresetCriteria: "preset", ColorScale: "colorScale", DataBar: "dataBar", IconSet: "iconSet",
};
const SCALES = ["ColorScale", "DataBar", "IconSet"];
const EDGES = ["EdgeTop", "EdgeBottom", "EdgeLeft", "EdgeRight"];
const FONT = ["color", "bold", "italic", "strikethrough", "underline"];

/** The new format, everything but its priority set. */
export function addRule(range, office) {
  const added = range.conditionalFormats.add(office.type);
  const part = added[MEMBERS[office.type]];
  if (office.type === "Custom") part.rule.formula = office.rule.formula;
  else if (SCALES.includes(office.type)) setScale(part, office.rule);
  else part.rule = office.rule;
  if (office.format) setFormat(part.format, office.format);
  if (!SCALES.includes(office.type)) added.stopIfTrue = office.stopIfTrue ?? false;
  return added;
}

function setScale(part, rule) {
  const { positiveFormat, ...rest } = rule;
  Object.assign(part, rest);
  if (positiveFormat) Object.assign(part.positiveFormat, positiveFormat);
}

function setFormat(target, { fill, font, borders, numberFormat }) {
  if (fill) target.fill.color = fill.color;
  Object.assign(target.font, font);
  for (const [edge, line] of Object.entries(borders ?? {})) Object.assign(target.borders.getItem(edge), line);
  if (numberFormat) target.numberFormat = numberFormat;
}

/** Every rule of a sheet, the first priority first, each with the `office` that would add it again. */
export async function readRules(context, sheet) {
  const formats = sheet.getRange().conditionalFormats;
  formats.load("items/id,items/type,items/priority,items/stopIfTrue");
  await context.sync();
  const found = formats.items.filter(({ type }) => type in MEMBERS);
  const read = found.map(loadRule);
  await context.sync();
  return found.map((format, place) => read[place](format)).sort((a, b) => a.priority - b.priority);
}

/** Asks for all that a rule has; what comes back reads it after the sync. */
function loadRule(format) {
  const { type } = format;
  const part = format[MEMBERS[type]];
  const ranges = format.getRanges();
  ranges.load("address");
  const rule = loadBody(type, part);
  const look = SCALES.includes(type) ? () => undefined : loadFormat(part.format);
  return () => {
    const range = ranges.address.split(",").map((area) => area.split("!").pop()).join(",");
    const { id, priority, stopIfTrue } = format;
    return { id, priority, type, range, office: { type, range, stopIfTrue, rule: rule(), format: look() } };
  };
}

function loadBody(type, part) {
  if (type === "ColorScale") {
    part.load("criteria");
    return () => ({ criteria: part.criteria });
  }
  if (type === "DataBar") {
    part.positiveFormat.load("fillColor,gradientFill");
    return () => ({ positiveFormat: { fillColor: part.positiveFormat.fillColor, gradientFill: part.positiveFormat.gradientFill } });
  }
  if (type === "IconSet") {
    part.load("style,criteria");
    return () => ({ style: part.style, criteria: part.criteria });
  }
  if (type === "Custom") {
    part.rule.load("formula");
    return () => ({ formula: part.rule.formula });
  }
  part.load("rule");
  return () => part.rule;
}

function loadFormat(format) {
  format.load("numberFormat");
  format.fill.load("color");
  format.font.load(FONT.join(","));
  const edges = EDGES.map((edge) => [edge, format.borders.getItem(edge)]);
  for (const [, line] of edges) line.load("style,color");
  return () => {
    const font = FONT.map((name) => [name, format.font[name]]).filter(([, value]) => isSet(value));
    const lines = edges.filter(([, line]) => isSet(line.style) && line.style !== "None");
    return {
      ...(format.fill.color && { fill: { color: format.fill.color } }),
      ...(font.length && { font: Object.fromEntries(font) }),
      ...(lines.length && { borders: Object.fromEntries(lines.map(([edge, { style, color }]) => [edge, { style, color }])) }),
      ...(isSet(format.numberFormat) && { numberFormat: format.numberFormat }),
    };
  };
}

const isSet = (value) => value !== null && value !== undefined && value !== "";
const words = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

/** A rule in a few words, as Excel's own dialog names it. */
export function describe({ type, office: { rule } }) {
  const bare = (text) => String(text ?? "").replace(/^=/, "");
  const how = words(rule.operator ?? "");
  return {
    Custom: () => `Formula ${rule.formula}`,
    CellValue: () => `Cell value ${how} ${bare(rule.formula1)}${rule.formula2 ? ` and ${bare(rule.formula2)}` : ""}`,
    ContainsText: () => `Text ${how} “${rule.text}”`,
    TopBottom: () => `${rule.type.startsWith("Top") ? "Top" : "Bottom"} ${rule.rank}${rule.type.endsWith("Percent") ? " %" : ""}`,
    PresetCriteria: () => `Cells: ${words(rule.criterion)}`,
    ColorScale: () => "Colour scale",
    DataBar: () => "Data bars",
    IconSet: () => `Icons: ${words(rule.style)}`,
  }[type]();
}
