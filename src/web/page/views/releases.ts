/** All releases, the newest first, where each is now, and what differs between two environments. */

import { useState } from 'preact/hooks';

import type { Diff } from '../../../contract/releases.ts';
import { call } from '../lib/api.ts';
import { commit } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago } from '../lib/time.ts';
import { Empty, Failed, Waiting } from '../parts/note.ts';

const EVERY_MS = 10_000;

export function Releases(): View {
  const { value, error } = useLoad('releases', async (signal) => call('releases', {}, signal), EVERY_MS);
  return html`<h1 tabindex="-1">Releases</h1>
    <${Failed} error=${error} />
    ${
      value === undefined
        ? error === undefined && html`<${Waiting} what="Asking the daemon" />`
        : value.releases.length === 0
          ? html`<${Empty} title="No release yet. In the folder of your antler.config.ts, type:" type="antler build" />`
          : html`<div class="panel">
              <table class="cards">
                <thead>
                  <tr>
                    <th>release</th>
                    <th>commit</th>
                    <th>built</th>
                    <th>by</th>
                    <th>made</th>
                    <th>is now in</th>
                  </tr>
                </thead>
                <tbody>
                  ${value.releases.map(({ id, commit: of, dirty, services, actor, createdAt, environments }) => {
                    const built = Object.entries(services).flatMap(([name, each]) => (each.built ? [name] : []));
                    return html`<tr key=${id}>
                      <td><a class="release" href=${to('releases', id)}>${id}</a></td>
                      <td data-label="commit"><code>${commit(of)}</code>${dirty ? html` <span class="soft small">dirty</span>` : null}</td>
                      <td class="soft" data-label="built">${built.length === 0 ? 'nothing anew' : built.join(', ')}</td>
                      <td data-label="by">${actor}</td>
                      <td class="soft" data-label="made"><${Ago} at=${createdAt} /></td>
                      <td data-label=${environments.length === 0 ? undefined : 'is now in'}>${environments.map((name) => html`<span class="tag" key=${name}>${name}</span> `)}</td>
                    </tr>`;
                  })}
                </tbody>
              </table>
            </div>`
    }
    <${Compare} />`;
}

function Compare(): View {
  const names = board.value?.environments.map(({ name }) => name) ?? [];
  const [a, setA] = useState('');
  const [b, setB] = useState('');
  const [left, right] = [a || (names[0] ?? ''), b || (names.at(-1) ?? '')];
  if (names.length < 2) return null;
  const choose = (label: string, value: string, set: (name: string) => void): View =>
    html`<select aria-label=${label} value=${value} onChange=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
      ${names.map((name) => html`<option value=${name} selected=${name === value}>${name}</option>`)}
    </select>`;
  return html`<section class="panel" aria-labelledby="compare">
    <div class="head">
      <h2 id="compare">What differs</h2>
      <div class="line pick">${choose('One environment', left, setA)} <span>and</span> ${choose('The other environment', right, setB)}</div>
    </div>
    ${left === right ? html`<p class="soft">The same environment twice.</p>` : html`<${Differences} key=${`${left} ${right}`} a=${left} b=${right} />`}
  </section>`;
}

function Differences({ a, b }: { readonly a: string; readonly b: string }): View {
  const { value, error } = useLoad(`${a} ${b}`, async (signal) => call('diff', { query: { a, b } }, signal));
  if (value === undefined) return error === undefined ? html`<${Waiting} what="Comparing" />` : html`<${Failed} error=${error} />`;
  const differing = value.services.filter(({ same }) => !same);
  if (differing.length === 0 && value.config.length === 0) {
    return html`<p>Nothing: ${value.a.release ?? 'nothing'} in ${a}, ${value.b.release ?? 'nothing'} in ${b}.</p>`;
  }
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th></th>
          <th>${a} ${value.a.release}</th>
          <th>${b} ${value.b.release}</th>
        </tr>
      </thead>
      <tbody>
        ${differing.map(
          (each) =>
            html`<tr>
              <td>${each.service}</td>
              <td class="mono">${short(each.a)}</td>
              <td class="mono">${short(each.b)}</td>
            </tr>`,
        )}
        ${value.config.map(
          (each) =>
            html`<tr>
              <td class="mono">${each.path}</td>
              <td class="mono">${told(each, 'a')}</td>
              <td class="mono">${told(each, 'b')}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function told(row: Diff['config'][number], side: 'a' | 'b'): string {
  return JSON.stringify(row[side]) ?? '';
}

function short(digest: string | null): string {
  return digest === null ? '–' : digest.slice(7, 19);
}
