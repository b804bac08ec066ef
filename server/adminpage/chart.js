/** Bars of the days, drawn as SVG: requests above the line, rejected readings below it. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 900;
const ABOVE = 120;
const BELOW = 40;
const STEP = 5;

function shape(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** A picture of the days; its figures are in the table below it. */
export function chart(days) {
  const most = Math.max(1, ...days.map(({ requests }) => requests));
  const worst = Math.max(1, ...days.map(({ rejected }) => rejected));
  const total = days.reduce((sum, { requests }) => sum + requests, 0);
  const label = `${total} requests in ${days.length} days, at most ${most} a day`;
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${ABOVE + BELOW + 20}`, role: "img", "aria-label": label });
  const step = WIDTH / days.length;
  for (const [place, day] of days.entries()) {
    const x = place * step + 2;
    const up = (ABOVE * day.requests) / most;
    const down = (BELOW * day.rejected) / worst;
    const tip = shape("title", {}, `${day.day}: ${day.requests} requests, ${day.rejected} rejected`);
    const bars = shape("g", {});
    bars.append(tip, shape("rect", { class: "requests", x, y: ABOVE - up, width: step - 4, height: up }), shape("rect", { class: "rejected", x, y: ABOVE, width: step - 4, height: down }));
    picture.append(bars);
    if (place % STEP === 0) picture.append(shape("text", { x, y: ABOVE + BELOW + 15 }, day.day.slice(5)));
  }
  picture.append(shape("line", { x1: 0, x2: WIDTH, y1: ABOVE, y2: ABOVE }));
  return picture;
}
