/** One release: what it is made of, where it went, what each rollout of it proved, and the way onward and back. */

import { useState } from 'preact/hooks';

import type { Receipt } from '../../../contract/releases.ts';
import { call } from '../lib/api.ts';
import { commit, count, ms, percent } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago, Took } from '../lib/time.ts';
import { Outcome } from '../parts/health.ts';
import { askMove } from '../parts/move.ts';
import { Failed, Waiting } from '../parts/note.ts';

const EVERY_MS = 3000;

export function Release({ parts: [id = ''] }: { readonly parts: readonly string[] }): View {
  const release = useLoad(id, async (signal) => call('release', { params: { id } }, signal), EVERY_MS);
  const receipts = useLoad(id, async (signal) => call('receipts', { query: { release: id } }, signal), EVERY_MS);
  const { value } = release;
  if (value === undefined) {
    return html`<h1 tabindex="-1">${id}</h1>
      ${release.error === undefined ? html`<${Waiting} what="Asking the daemon" />` : html`<${Failed} error=${release.error} />`}`;
  }
  return html`<div class="head">
      <div>
        <h1 tabindex="-1">${id}</h1>
        <p class="line soft">
          <code>${commit(value.commit)}</code>${value.dirty ? html`<span>dirty tree</span>` : null}
          <span>made <${Ago} at=${value.createdAt} /> by ${value.actor}</span>
          ${value.environments.map((name) => html`<span class="tag" key=${name}>in ${name}</span>`)}
        </p>
      </div>
      <${Onward} id=${id} />
    </div>
    <section class="panel" aria-labelledby="images">
      <h2 id="images">Images</h2>
      <table class="cards">
        <thead>
          <tr>
            <th>service</th>
            <th>digest</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(value.services).map(
            ([name, { digest, built, stoodFor }]) =>
              html`<tr key=${name}>
                <td>${name}</td>
                <td class="mono wide" title=${digest}>${digest.slice(0, 19)}…</td>
                <td class="soft">
                  ${built ? 'built' : 'taken over unchanged'}${stoodFor.length === 0 ? '' : `; a base stood for ${stoodFor.join(', ')}`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>
    <h2 class="after">Rollouts</h2>
    <${Failed} error=${receipts.error} />
    ${receipts.value?.receipts.length === 0 ? html`<p class="soft">It was nowhere yet. Type <code>antler deploy dev ${id}</code></p>` : null}
    ${receipts.value?.receipts.map((each) => html`<${Proof} key=${`${each.environment} ${each.startedAt}`} receipt=${each} />`)}`;
}

function Onward({ id }: { readonly id: string }): View {
  const environments = board.value?.environments ?? [];
  const [chosen, setChosen] = useState('');
  const environment = chosen || (environments[0]?.name ?? '');
  if (environment === '') return null;
  return html`<div class="buttons">
    <select
      aria-label="Environment"
      value=${environment}
      onChange=${(event: Event) => setChosen((event.target as HTMLSelectElement).value)}
    >
      ${environments.map(({ name }) => html`<option value=${name} selected=${name === environment}>${name}</option>`)}
    </select>
    <button class="primary" onClick=${() => askMove({ environment, kind: 'deploy', release: id })}>Deploy…</button>
    <button onClick=${() => askMove({ environment, kind: 'promote' })}>Promote…</button>
    <button onClick=${() => askMove({ environment, kind: 'rollback' })}>Roll back…</button>
  </div>`;
}

/** A receipt: the sentence first, then the figures. */
function Proof({ receipt }: { readonly receipt: Receipt }): View {
  const { environment, verdict, kind, from, startedAt, endedAt, actor, forced, reason, requests, versions, approvals, steps } = receipt;
  return html`<section class="panel receipt" aria-label=${`${kind} to ${environment}`}>
    <div class="line">
      <h3>${environment}</h3>
      <${Outcome} word=${verdict} />
      <span class="soft"
        >${kind}${from === null ? '' : html` from <a class="release" href=${to('releases', from)}>${from}</a>`} by ${actor}, <${Ago} at=${startedAt} />, took <${Took} from=${startedAt} to=${endedAt} /></span>
    </div>
    ${reason === null ? null : html`<p class="why">${reason}</p>`}
    ${forced === null ? null : html`<p class="held small">Forced: ${forced.reason}</p>`}
    ${approvals.map(({ by, at, via }) => html`<p class="soft small">Approved by ${by} (${via}) <${Ago} at=${at} /></p>`)}
    <dl class="figures big">
      <div>
        <dt>served</dt>
        <dd>${count(requests.served)}</dd>
      </div>
      <div>
        <dt>lost</dt>
        <dd class=${requests.lost > 0 ? 'much' : ''}>${count(requests.lost)}</dd>
      </div>
      <div>
        <dt>cut</dt>
        <dd>${count(requests.cut)}</dd>
      </div>
      <div>
        <dt>unseen</dt>
        <dd>${count(requests.unseen)}</dd>
      </div>
    </dl>
    ${
      versions.length === 0
        ? null
        : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>version</th>
                  <th class="number">served</th>
                  <th class="number">errors</th>
                  <th class="number">p50</th>
                  <th class="number">p95</th>
                  <th class="number">p99</th>
                </tr>
              </thead>
              <tbody>
                ${versions.map(
                  ({ release, served, errors, latencyMs }) =>
                    html`<tr key=${release}>
                      <td class="mono">${release}</td>
                      <td class="number">${count(served)}</td>
                      <td class="number">${count(errors)} <span class="soft">${percent(served === 0 ? null : errors / served)}</span></td>
                      <td class="number">${ms(latencyMs.p50)}</td>
                      <td class="number">${ms(latencyMs.p95)}</td>
                      <td class="number">${ms(latencyMs.p99)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
    ${
      steps.length === 0
        ? null
        : html`<details>
            <summary class="soft small">${steps.length} steps</summary>
            <ol class="events">
              ${steps.map(
                (each) =>
                  html`<li>
                    <span class="soft small">${each.ms === null ? '…' : ms(each.ms)}</span
                    ><span><code>${each.step}</code> <span class="soft">${each.state}</span></span>
                  </li>`,
              )}
            </ol>
          </details>`
    }
  </section>`;
}
