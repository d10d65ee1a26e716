/** One incident: what is affected, its timeline with the deploys in it, and who is on it. */

import { useState } from 'preact/hooks';

import type { IncidentWithTimeline } from '../../../contract/watch.ts';
import { ApiError, call } from '../lib/api.ts';
import { html, type View } from '../lib/html.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago, Took } from '../lib/time.ts';
import { Health } from '../parts/health.ts';
import { Failed, Waiting } from '../parts/note.ts';

const EVERY_MS = 5000;

const WORDS: Readonly<Record<IncidentWithTimeline['timeline'][number]['kind'], string>> = {
  opened: 'opened',
  transition: 'changed',
  affected: 'affects',
  deploy: 'deploy',
  note: 'note',
  acknowledged: 'acknowledged',
  notified: 'told',
  'notify-failed': 'could not tell',
  closed: 'closed',
};

export function Incident({ parts: [id = ''] }: { readonly parts: readonly string[] }): View {
  const { value, error, again } = useLoad(id, async (signal) => call('incident', { params: { id } }, signal), EVERY_MS);
  const [failed, setFailed] = useState<ApiError>();
  if (value === undefined) {
    return html`<h1 tabindex="-1">Incident ${id}</h1>
      ${error === undefined ? html`<${Waiting} what="Asking the daemon" />` : html`<${Failed} error=${error} />`}`;
  }
  const { title, severity, subjects, release, openedAt, closedAt, acknowledged, timeline } = value;
  const act = async (work: () => Promise<unknown>, done?: () => void): Promise<void> => {
    try {
      await work();
      setFailed(undefined);
      done?.();
      again();
    } catch (thrown) {
      setFailed(thrown instanceof ApiError ? thrown : new ApiError({ message: String(thrown) }));
    }
  };
  const note = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = new FormData(form).get('text');
    await act(
      async () => call('noteIncident', { params: { id }, body: { text: typeof text === 'string' ? text : '' } }),
      () => form.reset(), // what could not be kept is still there to be sent again
    );
  };
  return html`<div class="head">
      <div>
        <h1 tabindex="-1">${title}</h1>
        <p class="line soft">
          <${Health} verdict=${severity} />
          <span
            >${closedAt === null ? html`open for <${Took} from=${openedAt} to=${null} />` : html`closed after <${Took} from=${openedAt} to=${closedAt} />`}</span
          >
          <span>began <${Ago} at=${openedAt} /></span>
          ${/^r\d+$/.test(release) ? html`<a class="release" href=${to('releases', release)}>${release}</a>` : null}
          ${acknowledged === null ? null : html`<span>${acknowledged.by} is on it for <${Ago} at=${acknowledged.at} bare /></span>`}
        </p>
      </div>
      ${
        closedAt === null && acknowledged === null
          ? html`<button class="primary" onClick=${() => act(async () => call('acknowledge', { params: { id } }))}>I am on it</button>`
          : null
      }
    </div>
    <${Failed} error=${error ?? failed} />
    ${
      subjects.length === 0
        ? null
        : html`<p class="line">
            Affects
            ${subjects.map((subject) => {
              const [environment = '', service] = subject.split('/');
              return service === undefined
                ? html`<span class="tag">${subject}</span>`
                : html`<a class="tag" href=${to('services', environment, service)}>${subject}</a>`;
            })}
          </p>`
    }
    <section class="panel" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="events timeline">
        ${timeline.map(
          ({ at, kind, text, actor, evidence }, index) =>
            html`<li key=${index} data-kind=${kind}>
              <span class="soft small when"><${Ago} at=${at} /></span>
              <span>
                <b>${WORDS[kind]}</b> ${text}${actor === '' ? null : html` <span class="soft">${actor}</span>`}
                ${
                  evidence === ''
                    ? null
                    : html`<details>
                        <summary class="soft small">What it answered</summary>
                        <pre class="evidence">${evidence}</pre>
                      </details>`
                }
              </span>
            </li>`,
        )}
      </ol>
      <form class="notes" onSubmit=${note}>
        <label class="field">Note for those who come after you <textarea name="text" required maxlength="5000"></textarea></label>
        <button>Write it down</button>
      </form>
    </section>`;
}
