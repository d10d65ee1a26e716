/** What is around every view: the way to the others, how fresh it is, who looks, light and dark, help. */

import { signal } from '@preact/signals';

import { signedOut, signOut, type Who } from '../lib/api.ts';
import { html, type Child, type View } from '../lib/html.ts';
import { board, broken, staleFor } from '../lib/live.ts';
import { path } from '../lib/router.ts';
import { roughly } from '../lib/time.ts';
import { Dialog } from './dialog.ts';
import { showHelp } from './keys.ts';
import { switchTheme, theme } from './theme.ts';

export const PLACES = [
  { to: '/', title: 'Board', key: 'b' },
  { to: '/releases', title: 'Releases', key: 'r' },
  { to: '/runs', title: 'Runs', key: 'u' },
  { to: '/incidents', title: 'Incidents', key: 'i' },
  { to: '/machine', title: 'Machine', key: 'm' },
] as const;

export const me = signal<Who | undefined>(undefined);

export function Shell({ children }: { readonly children: Child }): View {
  const app = board.value?.app ?? '';
  const open = board.value?.incidents.length ?? 0;
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header class="bar">
      <a class="brand" href="/" aria-label="Antler, board"><${Mark} /><span>Antler</span></a>
      ${app === '' ? null : html`<span class="app">${app}</span>`}
      <nav aria-label="Console">
        ${PLACES.map(
          ({ to, title }) =>
            html`<a key=${to} href=${to} aria-current=${isHere(to) ? 'page' : undefined}
              >${title}${to === '/incidents' && open > 0 ? html`<span class="badge">${open}<span class="unseen"> open</span></span>` : null}</a
            >`,
        )}
      </nav>
      <div class="tools">
        <${Fresh} />
        <button class="quiet" onClick=${switchTheme} title="Light, dark or as the system">${theme.value}</button>
        <button class="quiet" onClick=${showHelp} aria-label="Help with the keyboard" title="Keyboard">?</button>
        <button class="quiet" onClick=${signOut} title=${`Signed in as ${me.value?.actor ?? ''}`}>Sign out</button>
      </div>
    </header>
    ${signedOut.value ? html`<${SignedOut} />` : null}
    <main class="page" id="main" tabindex="-1">${children}</main>
    <${Dialog} />`;
}

function isHere(to: string): boolean {
  if (to === '/') return path.value === '/' || path.value.startsWith('/services/');
  return path.value === to || path.value.startsWith(`${to}/`);
}

function Mark(): View {
  return html`<svg viewBox="4 5 24 22" width="22" height="22" aria-hidden="true" class="mark">
    <path
      d="M15 26v-5c0-3-2-4-5-5.500S5 11.500 5 7M8.200 14.300C10 12.600 10.300 10 10 6.500M11.500 16.300C14 14.800 14.300 12.500 14 9.500"
    />
    <path
      d="M17 26v-5c0-3 2-4 5-5.500S27 11.500 27 7M23.800 14.300C22 12.600 21.700 10 22 6.500M20.500 16.300C18 14.800 17.700 12.500 18 9.500"
    />
  </svg>`;
}

function Fresh(): View {
  const age = staleFor.value;
  if (age === undefined && broken.value === undefined) return html`<span class="fresh" data-is="live" role="status">live</span>`;
  const words = age === undefined ? 'reconnecting' : `${roughly(age)} old, reconnecting`;
  return html`<span class="fresh" data-is="stale" role="status" title=${broken.value ?? ''}>${words}</span>`;
}

function SignedOut(): View {
  return html`<div class="page">
    <div class="note bad" role="alert">
      <p><b>Your session has ended.</b> What you see is old. On the machine, type <code>antler console</code> and open what it prints.</p>
    </div>
  </div>`;
}
