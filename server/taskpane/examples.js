/** Requests that fit a table, for those who see the page for the first time. */

const LONGEST = 24;
const GENERAL = ["amounts over 500 in green", "rows where Status is Open in orange", "duplicate customers in yellow", "top 10 amounts in bold", "colour scale on Amount"];

/** Up to five requests about columns that the table has; general ones where it has no headers. */
export function examplesFor(table) {
  const columns = table ? named(table) : [];
  const numbers = columns.filter(({ values, formats }) => values.length > 2 && values.every(Number.isFinite) && !/[dyh]/i.test(formats) && !formats.includes("%"));
  const texts = columns.filter(({ values }) => values.length > 2 && values.every((value) => typeof value === "string" && !value.startsWith("#")));
  const groups = texts.filter(({ values }) => new Set(values).size < Math.min(9, values.length));
  const gaps = columns.filter(({ values, count }) => values.length > 0 && values.length < count);
  const [number, other = number] = numbers.toReversed();
  const found = [
    number && `${number.name} over ${typical(number.values)} in green`,
    groups[0] && `rows where ${groups[0].name} is ${most(groups[0].values)} in orange`,
    gaps[0] && `rows where ${gaps[0].name} is empty in yellow`,
    number && number.values.length > 5 && `top 3 ${number.name} in bold`,
    other && `colour scale on ${other.name}`,
    texts[0] && `duplicate ${texts[0].name} in blue`,
  ].filter(Boolean).slice(0, 5);
  return found.length > 1 ? found : GENERAL;
}

/** The columns under a header row, without their blanks. */
function named({ values: [head, ...rows], number_formats: formats }) {
  if (!rows.length || !head.every((name) => typeof name === "string")) return [];
  return head.flatMap((name, column) => {
    const values = rows.map((row) => row[column]).filter((value) => value !== "");
    return name && name.length <= LONGEST ? [{ name, values, count: rows.length, formats: formats[1]?.[column] ?? "" }] : [];
  });
}

/** A round number that about half of the values exceed. */
function typical(values) {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return Number(middle.toPrecision(1));
}

function most(values) {
  const short = values.filter((value) => value.length <= LONGEST);
  return (short.length ? short : values).toSorted((a, b) => count(values, b) - count(values, a))[0];
}

const count = (values, wanted) => values.filter((value) => value === wanted).length;
