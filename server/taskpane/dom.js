/** Elements without markup in strings: everything from server or sheet goes in as text. */

export const $ = (id) => document.getElementById(id);

export function el(tag, properties = {}, ...children) {
  const { dataset, attributes, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const button = (text, onclick, properties = {}) =>
  el("button", { type: "button", textContent: text, onclick, ...properties });

export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
