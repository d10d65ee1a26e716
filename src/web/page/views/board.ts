/** Environments × services: what runs where, is it well, since when; and what waits for a person. */

import type { Status } from '../../../contract/status.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { to } from '../lib/router.ts';
import { Ago } from '../lib/time.ts';
import { Health } from '../parts/health.ts';
import { askApproval } from '../parts/move.ts';
import { Empty, Waiting } from '../parts/note.ts';
import { EnvironmentColumn } from './environment.ts';
import { ms } from '../lib/format.ts';

export function Board(): View {
  const status = board.value;
  if (status === undefined)
    return html`<h1 tabindex="-1">Board</h1>
      <${Waiting} what="Asking the daemon" />`;
  const services = [...new Set(status.environments.flatMap((each) => each.services.map(({ name }) => name)))];
  return html`<h1 tabindex="-1" class="verdict">${headline(status)}</h1>
    <${Approvals} status=${status} /><${Open} status=${status} />
    ${
      status.environments.length === 0
        ? html`<${Empty} title="No environment yet. In the folder of your antler.config.ts, type:" type="antler up" />`
        : html`<div class="matrix" style=${{ '--rows': services.length + 1 }}>
            ${status.environments.map((each) => html`<${EnvironmentColumn} key=${each.name} environment=${each} services=${services} />`)}
          </div>`
    }
    <div class="strips">
      <${Strip} title="Monitors" rows=${status.monitors} /><${Strip} title="Parts of Antler" rows=${status.parts} />
    </div>`;
}

/** The one sentence that people come for. */
function headline({ environments, monitors, parts }: Status): string {
  const all = [
    ...environments.flatMap(({ name, services }) => services.map((each) => ({ name: `${name}/${each.name}`, verdict: each.verdict }))),
    ...monitors,
    ...parts,
  ];
  for (const verdict of ['down', 'degraded', 'drift'] as const) {
    const bad = all.filter((each) => each.verdict === verdict);
    const says = verdict === 'drift' ? 'drifted from what is wanted' : `is ${verdict}`;
    if (bad.length === 1) return `${bad[0]?.name ?? ''} ${verdict === 'drift' ? 'has ' : ''}${says}`;
    if (bad.length > 1) return `${bad.length} things ${verdict === 'drift' ? `have ${says}` : `are ${verdict}`}`;
  }
  const moving = environments.filter(({ rollout }) => rollout !== null && rollout.phase !== 'waiting');
  if (moving.length > 0)
    return `All is well, and ${moving.map(({ name }) => name).join(' and ')} ${moving.length === 1 ? 'moves' : 'move'}`;
  if (all.every(({ verdict }) => verdict === 'unknown')) return 'Nothing is known yet';
  return 'All is well';
}

function Approvals({ status }: { readonly status: Status }): View {
  if (status.approvals.length === 0) return null;
  return html`<section class="asks" aria-label="Approvals">
    ${status.approvals.map(({ id, environment, release, run, since }) => {
      const subject = release ?? `run ${run ?? ''}`;
      const link = release === null ? to('runs', run ?? '') : to('releases', release);
      return html`<div class="note ask" key=${id}>
        <p>
          <b>${environment}</b> waits for an approval of <a href=${link}>${subject}</a>
          <span class="soft"> for <${Ago} at=${since} bare /></span>
        </p>
        <div class="buttons">
          <button class="primary" onClick=${() => askApproval({ id, environment, subject }, true)}>Approve…</button>
          <button onClick=${() => askApproval({ id, environment, subject }, false)}>Reject…</button>
        </div>
      </div>`;
    })}
  </section>`;
}

function Open({ status }: { readonly status: Status }): View {
  if (status.incidents.length + status.notices.length === 0) return null;
  return html`<section class="asks" aria-label="Incidents and notices">
    ${status.incidents.map(
      ({ id, title, severity, since, acknowledged }) =>
        html`<div class="note bad" key=${id}>
          <p>
            <${Health} verdict=${severity} bare /> <a href=${to('incidents', id)}>${title}</a>
            <span class="soft"> for <${Ago} at=${since} bare />${acknowledged ? ', acknowledged' : ''}</span>
          </p>
        </div>`,
    )}
    ${status.notices.map((text) => html`<div class="note" key=${text}><p>${text}</p></div>`)}
  </section>`;
}

function Strip({ title, rows }: { readonly title: string; readonly rows: Status['monitors'] }): View {
  if (rows.length === 0) return null;
  return html`<section class="strip">
    <h2>${title}</h2>
    <ul>
      ${rows.map(
        ({ name, kind, verdict, since, detail, latencyMs }) =>
          html`<li key=${name}>
            <${Health} verdict=${verdict} />
            <span class="name">${name}<small class="soft">${kind === 'part' ? '' : kind}</small></span>
            <span class="soft detail">${detail ?? ''}</span>
            <span class="soft number">${latencyMs === null ? '' : ms(latencyMs)}</span>
            <span class="soft number">${since === null ? '' : html`<${Ago} at=${since} bare />`}</span>
          </li>`,
      )}
    </ul>
  </section>`;
}
