/** One workflow run: its jobs as a graph, the log of one as it is written, and what may be done about it. */

import { useEffect, useRef, useState } from 'preact/hooks';

import { call, stream, type ApiError } from '../lib/api.ts';
import { follow } from '../lib/follow.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { emptyRun, foldRun, stateOf, type JobState, type RunState } from '../lib/run-state.ts';
import { seen } from '../lib/seen.ts';
import { Ago, Took } from '../lib/time.ts';
import { ask } from '../parts/dialog.ts';
import { Graph } from '../parts/graph.ts';
import { Outcome } from '../parts/health.ts';
import { JobLog } from '../parts/job-log.ts';
import { askApproval } from '../parts/move.ts';
import { Failed, Waiting } from '../parts/note.ts';
import type { Run as RunView } from '../../../contract/runs.ts';

const EVERY_MS = 5000;

export function Run({ parts: [id = ''] }: { readonly parts: readonly string[] }): View {
  const { value, error, again } = useLoad(id, async (signal) => call('run', { params: { id } }, signal), EVERY_MS);
  const { state, version, broken } = useFollow(id, value?.attempt ?? 0);
  const [chosen, setChosen] = useState<string>();
  if (value === undefined) {
    return html`<h1 tabindex="-1">Run ${id}</h1>
      ${error === undefined ? html`<${Waiting} what="Asking the daemon" />` : html`<${Failed} error=${error} />`}`;
  }
  const shown = state.jobs.size > 0 ? state : stateOf(value);
  const jobs = [...shown.jobs.values()];
  const job = jobs.find((each) => each.key === chosen) ?? interesting(jobs);
  const ended = value.state === 'completed';
  return html`<div class="head">
      <div>
        <h1 tabindex="-1">${value.title === '' ? `Run ${id}` : value.title}</h1>
        <p class="line soft">
          <${Outcome} word=${value.conclusion ?? value.state} />
          <span>${value.workflow} #${value.number}${value.attempt > 1 ? `, attempt ${value.attempt}` : ''}</span>
          <span>${value.event} <code>${value.ref.replace(/^refs\/(?:heads|tags)\//, '')}</code> <code>${value.sha.slice(0, 7)}</code></span>
          <span>by ${value.actor} <${Ago} at=${value.createdAt} /></span>
          ${value.startedAt === null ? null : html`<span>${ended ? 'took' : 'for'} <${Took} from=${value.startedAt} to=${value.endedAt} /></span>`}
          ${value.release === null ? null : html`<a class="release" href=${to('releases', value.release)}>${value.release}</a>`}
        </p>
      </div>
      <div class="buttons">
        ${
          ended
            ? html`<button onClick=${() => rerun(value, false, again)}>Run again…</button>
                ${value.conclusion === 'failure' ? html`<button onClick=${() => rerun(value, true, again)}>Run failed jobs again…</button>` : null}`
            : html`<button onClick=${() => cancel(value, again)}>Cancel…</button>`
        }
      </div>
    </div>
    ${value.reason === null ? null : html`<div class="note"><p>${value.reason}</p></div>`}
    <${Failed} error=${error ?? broken} />
    <${Approvals} run=${value.id} />
    <section class="panel" aria-label="Jobs"><${Graph} jobs=${jobs} chosen=${job?.key} onChoose=${setChosen} /></section>
    ${
      job === undefined
        ? null
        : html`<section class="panel" aria-labelledby="job">
            <div class="line">
              <h2 id="job">${job.name}</h2>
              <${Outcome} word=${job.conclusion ?? job.state} /><span class="soft">${job.reason ?? ''}</span>
            </div>
            ${job.dropped > 0 ? html`<p class="soft small">${job.dropped} earlier lines: <code>antler run logs ${id}</code></p>` : null}
            <${JobLog} job=${job} version=${version} />
          </section>`
    }`;
}

/** What runs, else what failed, else the last one. */
function interesting(jobs: readonly JobState[]): JobState | undefined {
  return (
    jobs.find((job) => job.state === 'in_progress') ??
    jobs.find((job) => job.conclusion === 'failure') ??
    jobs.find((job) => job.lines.length > 0) ??
    jobs[0]
  );
}

interface Following {
  readonly state: RunState;
  readonly version: number;
  readonly broken: ApiError | undefined;
}

/** Follows from the beginning to the end, drawing at most once a frame; another attempt is followed anew. */
function useFollow(id: string, attempt: number): Following {
  const looked = seen.value;
  const state = useRef(emptyRun());
  const [version, setVersion] = useState(0);
  const [broken, setBroken] = useState<ApiError>();
  useEffect(() => {
    if (attempt === 0 || !looked) return undefined;
    const abort = new AbortController();
    state.current = emptyRun();
    let frame = 0;
    const draw = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        setVersion((before) => before + 1);
      });
    };
    const open = async (heard: () => void): Promise<unknown> => {
      let next: RunState | undefined; // what is known stays until more comes
      return stream(
        'followRun',
        { params: { id }, query: { follow: 'true' } },
        {
          signal: abort.signal,
          onPulse: heard,
          onEvent: (event) => {
            state.current = next ??= emptyRun();
            foldRun(next, event);
            draw();
          },
        },
      );
    };
    void follow({ signal: abort.signal, open, onBroken: setBroken });
    return () => {
      cancelAnimationFrame(frame);
      abort.abort();
    };
  }, [id, attempt, looked]);
  return { state: state.current, version, broken };
}

function Approvals({ run }: { readonly run: number }): View {
  const own = board.value?.approvals.filter((each) => each.run === run) ?? [];
  if (own.length === 0) return null;
  return html`<section class="asks" aria-label="Approvals">
    ${own.map(
      ({ id, environment, since }) =>
        html`<div class="note ask" key=${id}>
          <p>
            <b>${environment}</b> waits for an approval <span class="soft">for <${Ago} at=${since} bare /></span>
          </p>
          <div class="buttons">
            <button class="primary" onClick=${() => askApproval({ id, environment, subject: `run ${run}` }, true)}>Approve…</button>
            <button onClick=${() => askApproval({ id, environment, subject: `run ${run}` }, false)}>Reject…</button>
          </div>
        </div>`,
    )}
  </section>`;
}

function rerun({ id }: RunView, failed: boolean, again: () => void): void {
  ask({
    title: failed ? 'Run the failed jobs again?' : 'Run all of it again?',
    body: html`<p>As the next attempt, of the same commit.</p>`,
    does: 'Run again',
    act: async () => {
      await call('rerun', { params: { id }, body: { failed } });
      again();
    },
  });
}

function cancel({ id }: RunView, again: () => void): void {
  ask({
    title: 'Cancel this run?',
    body: html`<p>Steps with <code>always()</code> still run.</p>`,
    does: 'Cancel the run',
    tone: 'danger',
    act: async () => {
      await call('cancelRun', { params: { id } });
      again();
    },
  });
}
