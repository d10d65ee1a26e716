/** One service in one environment: its versions side by side, its checks, what happened, its log. */

import { useMemo, useState } from 'preact/hooks';

import type { Status } from '../../../contract/status.ts';
import type { History, Range } from '../../../contract/watch.ts';
import { call } from '../lib/api.ts';
import { commit, ms, NONE, percent, rate } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { useLoad } from '../lib/load.ts';
import { to } from '../lib/router.ts';
import { Ago } from '../lib/time.ts';
import { Chart, type ChartMark, type ChartSeries } from '../parts/chart.ts';
import { Checks } from '../parts/checks.ts';
import { Health } from '../parts/health.ts';
import { Logs } from '../parts/logs.ts';
import { askMove } from '../parts/move.ts';
import { Empty, Failed, Waiting } from '../parts/note.ts';
import { Ranges } from '../parts/ranges.ts';

const EVERY_MS = 10_000;

export function Service({ parts: [environment = '', name = ''] }: { readonly parts: readonly string[] }): View {
  const [range, setRange] = useState<Range>('1h');
  const history = useLoad(
    `${environment}/${name}/${range}`,
    async (signal) => call('history', { params: { environment, service: name }, query: { range } }, signal),
    EVERY_MS,
  );
  const place = board.value?.environments.find((each) => each.name === environment);
  const service = place?.services.find((each) => each.name === name);
  if (board.value !== undefined && service === undefined) {
    return html`<h1 tabindex="-1">${name} in ${environment}</h1>
      <${Empty} title="There is no such service there. What there is:" type="antler status" />`;
  }
  return html`<div class="head">
      <div>
        <h1 tabindex="-1">${name} <span class="soft">in ${environment}</span></h1>
        ${service === undefined ? null : html`<${Line} service=${service} />`}
      </div>
      <div class="buttons"><button onClick=${() => askMove({ environment })}>Move ${environment}…</button></div>
    </div>
    ${service?.reason == null || service.verdict === 'up' ? null : html`<div class="note bad"><p>${service.reason}</p></div>`}
    <section class="panel" aria-labelledby="traffic">
      <div class="head">
        <h2 id="traffic">Traffic by version</h2>
        <${Ranges} value=${range} onChange=${setRange} />
      </div>
      <${Failed} error=${history.error} />
      ${history.value === undefined ? html`<${Waiting} what="Reading the history" />` : html`<${Charts} history=${history.value} />`}
    </section>
    ${service === undefined ? null : html`<${Replicas} service=${service} />`}
    ${
      history.value === undefined
        ? null
        : html`<div class="columns"><${Checks} history=${history.value} /><${Happened} history=${history.value} /></div>`
    }
    <section class="panel" aria-labelledby="log">
      <h2 id="log">Log</h2>
      <${Logs} environment=${environment} service=${name} />
    </section>`;
}

type ServiceStatus = Status['environments'][number]['services'][number];

function Line({ service }: { readonly service: ServiceStatus }): View {
  const { verdict, since, release, latencyMs, requestsPerSecond, errorRatio, uptime } = service;
  return html`<p class="line soft">
    <${Health} verdict=${verdict} />
    ${since === null ? null : html`<span>for <${Ago} at=${since} bare /></span>`}
    ${release === null ? null : html`<a class="release" href=${to('releases', release)}>${release}</a>`}
    <code>${commit(service.commit)}</code>
    <span>p95 ${ms(latencyMs?.p95)}</span><span>${rate(requestsPerSecond)}</span><span>${percent(errorRatio)} errors</span>
    <span>up ${percent(uptime.day, 2)} of a day, ${percent(uptime.month, 2)} of a month</span>
  </p>`;
}

/** The newest release is what people look for; those before it step back. */
function Charts({ history }: { readonly history: History }): View {
  const { times, traffic } = history;
  const { requests, errors, latency, marks } = useMemo(() => {
    const ranked = traffic.map((each, index) => ({ ...each, rank: each.release === 'none' ? 4 : traffic.length - 1 - index }));
    const line = (values: (each: (typeof ranked)[number]) => readonly (number | null)[]): ChartSeries[] =>
      ranked.map((each) => ({ label: each.release === 'none' ? 'no version' : each.release, values: values(each), rank: each.rank }));
    return {
      requests: line((each) => each.requests),
      errors: line((each) => each.errorRatio),
      latency: ranked
        .filter(({ release }) => release !== 'none')
        .flatMap(({ release, p50, p95, rank }): ChartSeries[] => [
          { label: `${release} p95`, values: p95, rank },
          { label: `${release} p50`, values: p50, rank, dashed: true },
        ]),
      marks: marksOf(history),
    };
  }, [history]);
  if (traffic.length === 0) return html`<${Empty} title="No request came through the edge in this time." />`;
  return html`<${Chart} title="Requests a second" times=${times} series=${requests} format=${rate} marks=${marks} />
    <${Chart}
      title="Errors, of all requests"
      times=${times}
      series=${errors}
      format=${(value: number | null) => percent(value)}
      marks=${marks}
      least=${0.01}
    />
    <${Chart} title="Latency" times=${times} series=${latency} format=${ms} marks=${marks} />`;
}

function marksOf({ deploys }: History): ChartMark[] {
  return deploys.map(({ at, release, kind, verdict }) => ({
    at: Date.parse(at) / 1000,
    text: kind === 'rollback' ? `back to ${release}` : release,
    bad: verdict === 'failed' || verdict === 'undone',
  }));
}

function Replicas({ service }: { readonly service: ServiceStatus }): View {
  const all = [...service.replicas, ...service.coming];
  return html`<section class="panel" aria-labelledby="replicas">
    <h2 id="replicas">Replicas</h2>
    ${all.length === 0 ? html`<p class="soft">None runs.</p>` : null}
    <table class="cards" hidden=${all.length === 0}>
      <thead>
        <tr>
          <th>replica</th>
          <th>wanted</th>
          <th>running</th>
          <th>answering</th>
          <th>state</th>
          <th>detail</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ name, release, running, answering, verdict, detail }) =>
            html`<tr key=${name}>
              <td>${name}</td>
              <td class="mono" data-label="wanted">${release}</td>
              <td class="mono" data-label="running">${running ?? NONE}</td>
              <td class="mono" data-label="answering">${answering ?? NONE}</td>
              <td><${Health} verdict=${verdict} /></td>
              <td class="wide soft">${detail ?? ''}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

interface Event {
  readonly at: string;
  readonly what: View;
}

/** Deploys and changes of the verdict, the newest first. */
function Happened({ history }: { readonly history: History }): View {
  const events: Event[] = [
    ...history.deploys.map(({ at, release, kind, verdict }) => ({
      at,
      what: html`<span><b>${kind}</b> of <a class="release" href=${to('releases', release)}>${release}</a>: ${verdict}</span>`,
    })),
    ...history.transitions.map(({ at, to: verdict, reason, release }) => ({
      at,
      what: html`<span
        ><${Health} verdict=${verdict} /> ${reason}${release === '' ? '' : html` <span class="soft">${release}</span>`}</span
      >`,
    })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  return html`<section class="panel" aria-labelledby="happened">
    <h2 id="happened">What happened</h2>
    ${events.length === 0 ? html`<p class="soft">Nothing in this time.</p>` : null}
    <ol class="events">
      ${events.slice(0, 50).map(
        ({ at, what }) =>
          html`<li>
            <span class="soft small when"><${Ago} at=${at} /></span>${what}
          </li>`,
      )}
    </ol>
  </section>`;
}
