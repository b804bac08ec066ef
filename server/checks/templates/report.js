'use strict';
// filters the rows and sections that carry data-group, and moves between failures by keyboard
const search = document.querySelector('#search');
const buttons = [...document.querySelectorAll('button[data-show]')];
const items = [...document.querySelectorAll('[data-group]')];
const shown = document.querySelector('#shown');
let group = '';

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const item of items) {
    const text = item.dataset.text.toLowerCase();
    item.hidden = (group && item.dataset.group !== group) || !words.every((word) => text.includes(word));
    if (!item.hidden && item.matches('tr')) count += 1;
  }
  for (const part of document.querySelectorAll('[data-part]')) {
    part.hidden = ![...part.querySelectorAll('[data-group]')].some((item) => !item.hidden);
  }
  shown.textContent = words.length || group ? `${count} shown` : '';
}

function press(button) {
  group = button.dataset.show;
  for (const each of buttons) each.setAttribute('aria-pressed', String(each === button));
  filter();
}

function move(step) {
  const open = [...document.querySelectorAll('article:not([hidden])')];
  if (!open.length) return;
  const at = open.indexOf(document.activeElement.closest('article'));
  const next = at < 0 ? (step > 0 ? 0 : open.length - 1) : Math.min(open.length - 1, Math.max(0, at + step));
  open[next].focus();
  open[next].scrollIntoView({ block: 'start' });
}

for (const button of buttons) button.addEventListener('click', () => press(button));
search.addEventListener('input', filter);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === search) {
    if (event.key === 'Escape') { search.value = ''; filter(); search.blur(); }
    return;
  }
  if (event.key === '/') { event.preventDefault(); search.focus(); }
  if (event.key === 'j') move(1);
  if (event.key === 'k') move(-1);
});
document.documentElement.dataset.ready = 'true';
