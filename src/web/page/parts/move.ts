/** Moving an environment: to what its upstream has verified, to a release, back; approving and holding. Each is asked once more. */

import { useEffect, useState } from 'preact/hooks';

import type { Release } from '../../../contract/releases.ts';
import type { Status } from '../../../contract/status.ts';
import { call, stream } from '../lib/api.ts';
import { commit } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { ask } from './dialog.ts';

type Kind = 'promote' | 'deploy' | 'rollback';

interface Move {
  readonly environment: string;
  readonly kind?: Kind;
  readonly release?: string;
}

export function askMove({ environment, kind = 'promote', release }: Move): void {
  ask({
    title: `Move ${environment}`,
    body: html`<${MoveForm} kind=${kind} release=${release} />`,
    does: 'Start the rollout',
    act: async (field) => {
      const [way, chosen, reason] = [field('kind'), field('release'), field('reason')];
      const force = field('force') === 'on' ? { force: true, reason } : {};
      const params = { environment };
      const to = chosen === '' ? undefined : chosen;
      if (way === 'rollback') await stream('rollback', { params, body: { wait: false, ...(to === undefined ? {} : { to }) } });
      else if (way === 'deploy')
        await stream('deploy', { params, body: { wait: false, ...(to === undefined ? {} : { release: to }), ...force } });
      else await stream('promote', { params, body: { wait: false, ...force } });
    },
  });
}

function MoveForm({ kind, release }: { readonly kind: Kind; readonly release: string | undefined }): View {
  const [way, setWay] = useState<Kind>(kind);
  const [force, setForce] = useState(false);
  const [releases, setReleases] = useState<readonly Release[]>([]);
  useEffect(() => {
    call('releases', {}).then(
      (answer) => setReleases(answer.releases),
      () => undefined,
    );
  }, []);
  const choice = (value: Kind, title: string, says: string): View =>
    html`<label class="choice">
      <input type="radio" name="kind" value=${value} checked=${way === value} onChange=${() => setWay(value)} />
      <span><b>${title}</b><small>${says}</small></span>
    </label>`;
  return html`<fieldset>
      <legend class="unseen">How</legend>
      ${choice('promote', 'Promote', 'The release that the environment before it has verified')}
      ${choice('deploy', 'Deploy', 'A release of your choice; the rules of the environment hold')}
      ${choice('rollback', 'Roll back', 'To what it had before, code and config; then it is on hold')}
    </fieldset>
    ${
      way === 'promote'
        ? null
        : html`<label class="field"
            >Release
            <select name="release" value=${release ?? ''}>
              <option value="">${way === 'deploy' ? 'the newest' : 'the one before'}</option>
              ${releases.map(({ id, commit: of }) => html`<option value=${id} selected=${id === release}>${`${id} · ${commit(of)}`}</option>`)}
            </select>
          </label>`
    }
    ${
      way === 'rollback'
        ? null
        : html`<label class="check">
              <input type="checkbox" name="force" checked=${force} onChange=${() => setForce(!force)} />
              <span>Also where the rules refuse; it is recorded</span>
            </label>
            ${force ? html`<label class="field">Why <input name="reason" required maxlength="500" autocomplete="off" /></label>` : null}`
    }`;
}

export function askApproval(
  { id, environment, subject }: { readonly id: string; readonly environment: string; readonly subject: string },
  approve: boolean,
): void {
  ask({
    title: approve ? `Approve ${subject} for ${environment}?` : `Reject ${subject} for ${environment}?`,
    body: html`<label class="field">Comment, if you like <input name="comment" maxlength="500" autocomplete="off" /></label>`,
    does: approve ? 'Approve' : 'Reject',
    tone: approve ? 'plain' : 'danger',
    act: async (field) => {
      const comment = field('comment');
      await call('approve', { params: { id }, body: { approve, ...(comment === '' ? {} : { comment }) } });
    },
  });
}

export function askHold({ name, hold }: Pick<Status['environments'][number], 'name' | 'hold'>): void {
  const params = { environment: name };
  if (hold !== null) {
    ask({
      title: `Lift the hold of ${name}?`,
      body: html`<p>Held by ${hold.by}: ${hold.reason}. Lifted, promotions come in again.</p>`,
      does: 'Lift the hold',
      act: async () => void (await call('unhold', { params })),
    });
    return;
  }
  ask({
    title: `Hold ${name}?`,
    body: html`<p>No release comes in until it is lifted.</p>
      <label class="field">Why <input name="reason" required maxlength="500" autocomplete="off" /></label>`,
    does: 'Hold',
    act: async (field) => void (await call('hold', { params, body: { reason: field('reason') } })),
  });
}
