/** Workflow runs, the newest first. */

import { call } from '../lib/api.ts';
import { html, type View } from '../lib/html.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago, Took } from '../lib/time.ts';
import { Outcome } from '../parts/health.ts';
import { Empty, Failed, Waiting } from '../parts/note.ts';

const EVERY_MS = 3000;

export function Runs(): View {
  const { value, error } = useLoad('runs', async (signal) => call('runs', { query: { limit: 100 } }, signal), EVERY_MS);
  return html`<h1 tabindex="-1">Runs</h1>
    <${Failed} error=${error} />
    ${
      value === undefined
        ? error === undefined && html`<${Waiting} what="Asking the daemon" />`
        : value.runs.length === 0
          ? html`<${Empty} title="No run yet. Commit a workflow under .github/workflows, then type:" type="antler push" />`
          : html`<div class="panel">
              <table class="cards">
                <thead>
                  <tr>
                    <th></th>
                    <th>run</th>
                    <th>workflow</th>
                    <th>of</th>
                    <th>release</th>
                    <th>by</th>
                    <th class="number">took</th>
                    <th class="number">when</th>
                  </tr>
                </thead>
                <tbody>
                  ${value.runs.map(
                    (run) =>
                      html`<tr key=${run.id}>
                        <td><${Outcome} word=${run.conclusion ?? run.state} /></td>
                        <td class="wide"><a href=${to('runs', run.id)}>${run.title === '' ? `Run ${run.id}` : run.title}</a></td>
                        <td data-label="workflow">
                          ${run.workflow} <span class="soft">#${run.number}${run.attempt > 1 ? `, attempt ${run.attempt}` : ''}</span>
                        </td>
                        <td class="soft" data-label="of">${run.event} <code>${run.ref.replace(/^refs\/(?:heads|tags)\//, '')}</code></td>
                        <td data-label=${run.release === null ? undefined : 'release'}>
                          ${run.release === null ? null : html`<a class="release" href=${to('releases', run.release)}>${run.release}</a>`}
                        </td>
                        <td data-label="by">${run.actor}</td>
                        <td class="number soft" data-label="took">
                          ${run.startedAt === null ? '' : html`<${Took} from=${run.startedAt} to=${run.endedAt} />`}
                        </td>
                        <td class="number soft" data-label="when"><${Ago} at=${run.createdAt} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
    }`;
}
