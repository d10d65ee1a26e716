/** Shortcuts, and the help that lists them. None of them works while somebody types. */

import { html } from '../lib/html.ts';
import { go } from '../lib/router.ts';
import { ask, isAsking } from './dialog.ts';
import { switchTheme } from './theme.ts';

interface Shortcut {
  readonly keys: string;
  readonly does: string;
  readonly act: () => void;
}

const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'g b', does: 'Board', act: () => go('/') },
  { keys: 'g r', does: 'Releases', act: () => go('/releases') },
  { keys: 'g u', does: 'Runs', act: () => go('/runs') },
  { keys: 'g i', does: 'Incidents', act: () => go('/incidents') },
  { keys: 'g m', does: 'Machine', act: () => go('/machine') },
  { keys: '/', does: 'Search, where there is something to search', act: () => focusSearch() },
  { keys: 't', does: 'Light, dark, as the system', act: switchTheme },
  { keys: '?', does: 'This help', act: () => showHelp() },
];

/** Two keys count as one while they come this close. */
const TOGETHER_MS = 1000;

export function startKeys(): void {
  let before = { key: '', at: 0 };
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isAsking()) return;
    const pair = event.timeStamp - before.at < TOGETHER_MS ? `${before.key} ${event.key}` : '';
    before = { key: event.key, at: event.timeStamp };
    const found = SHORTCUTS.find(({ keys }) => keys === pair) ?? SHORTCUTS.find(({ keys }) => keys === event.key);
    if (found === undefined) return;
    event.preventDefault();
    found.act();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
}

export function showHelp(): void {
  ask({
    title: 'Keyboard',
    body: html`<dl class="keys">
      ${SHORTCUTS.map(
        ({ keys, does }) =>
          html`<div>
            <dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${does}</dd>
          </div>`,
      )}
    </dl>`,
    does: 'Close',
  });
}
