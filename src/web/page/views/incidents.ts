/** What went wrong, the newest first; one line a cause. */

import { call } from '../lib/api.ts';
import { html, type View } from '../lib/html.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago, Took } from '../lib/time.ts';
import { Health } from '../parts/health.ts';
import { Empty, Failed, Waiting } from '../parts/note.ts';

const EVERY_MS = 5000;

export function Incidents(): View {
  const { value, error } = useLoad('incidents', async (signal) => call('incidents', { query: { limit: 100 } }, signal), EVERY_MS);
  return html`<h1 tabindex="-1">Incidents</h1>
    <${Failed} error=${error} />
    ${
      value === undefined
        ? error === undefined && html`<${Waiting} what="Asking the daemon" />`
        : value.incidents.length === 0
          ? html`<${Empty}
              title="Nothing went wrong yet. Whoever is to be told when it does: name a webhook or a command under alerts in antler.config.ts, then type:"
              type="antler notify test"
            />`
          : html`<div class="panel">
              <table class="cards">
                <thead>
                  <tr>
                    <th></th>
                    <th>incident</th>
                    <th>state</th>
                    <th>release</th>
                    <th class="number">lasted</th>
                    <th class="number">began</th>
                  </tr>
                </thead>
                <tbody>
                  ${value.incidents.map(
                    ({ id, title, severity, release, openedAt, closedAt, acknowledged }) =>
                      html`<tr key=${id}>
                        <td><${Health} verdict=${severity} /></td>
                        <td class="wide"><a href=${to('incidents', id)}>${title}</a></td>
                        <td>
                          ${closedAt !== null ? html`<span class="soft">closed</span>` : acknowledged === null ? html`<b>open</b>` : `open, ${acknowledged.by} is on it`}
                        </td>
                        <td class="mono" data-label="release">${release}</td>
                        <td class="number soft" data-label="lasted"><${Took} from=${openedAt} to=${closedAt} /></td>
                        <td class="number soft" data-label="began"><${Ago} at=${openedAt} /></td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
    }`;
}
