/** One column of the board: an environment, what is being rolled out, and its services. */

import type { Status } from '../../../contract/status.ts';
import { commit, ms, NONE, percent, rate } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { to } from '../lib/router.ts';
import { Ago } from '../lib/time.ts';
import { Health } from '../parts/health.ts';
import { askHold, askMove } from '../parts/move.ts';
import { Spark } from '../parts/spark.ts';

type Environment = Status['environments'][number];
type Service = Environment['services'][number];

export interface ColumnProps {
  readonly environment: Environment;
  /** Of all environments, so that rows line up. */
  readonly services: readonly string[];
}

export function EnvironmentColumn({ environment, services }: ColumnProps): View {
  const { name, url, release, verdict, hold, rollout } = environment;
  return html`<section class="environment" data-is=${verdict} aria-labelledby=${`env-${name}`}>
    <header>
      <div class="line">
        <h2 id=${`env-${name}`}>${name}</h2>
        <${Health} verdict=${verdict} />
        <button class="quiet" onClick=${() => askMove({ environment: name })} aria-label=${`Move ${name}`}>Move…</button>
        <button
          class="quiet"
          onClick=${() => askHold(environment)}
          aria-label=${hold === null ? `Hold ${name}` : `Lift the hold of ${name}`}
        >
          ${hold === null ? 'Hold…' : 'Lift…'}
        </button>
      </div>
      <div class="line soft">
        ${release === null ? 'nothing deployed yet' : html`<a class="release" href=${to('releases', release)}>${release}</a>`}
        ${url === null ? null : html`<a class="out" href=${url} target="_blank" rel="noreferrer">${url.replace(/^https?:\/\//, '')}</a>`}
      </div>
      ${release === null ? html`<p class="soft small">Type <code>antler deploy ${name}</code></p>` : null}
      ${hold === null ? null : html`<p class="held small">On hold for <${Ago} at=${hold.since} bare /> by ${hold.by}: ${hold.reason}</p>`}
      ${rollout === null ? null : html`<${Rollout} rollout=${rollout} />`}
    </header>
    ${services.map((each) => {
      const service = environment.services.find((one) => one.name === each);
      return service === undefined
        ? html`<div class="cell none soft" key=${each}>${each} is not here</div>`
        : html`<${Cell} key=${each} environment=${name} service=${service} />`;
    })}
  </section>`;
}

const PHASES = ['waiting', 'start', 'gate', 'shift', 'retire'] as const;

function Rollout({ rollout }: { readonly rollout: NonNullable<Environment['rollout']> }): View {
  const { release, from, kind, phase, step, since } = rollout;
  const at = PHASES.findIndex((each) => each === phase);
  return html`<div class="rollout" role="status">
    <p class="small">
      <b>${kind === 'rollback' ? 'Rolling back' : kind === 'promote' ? 'Promoting' : 'Deploying'} ${from === null ? '' : `${from} → `}${release}</b>
      <span class="soft"> for <${Ago} at=${since} bare /></span>
    </p>
    <ol class="phases" aria-label=${`Phase: ${phase}`}>
      ${PHASES.map((each, index) => html`<li key=${each} data-is=${index < at ? 'done' : index === at ? 'now' : 'ahead'}>${each}</li>`)}
    </ol>
    ${step === null ? null : html`<p class="small soft">${step}</p>`}
  </div>`;
}

/** What is being rolled out beside what serves, and how either of them does. */
function Apart({ service: { release, coming, versions } }: { readonly service: Service }): View {
  const known = versions.filter((each) => each.release !== 'none');
  if (coming.length === 0 && known.every((each) => each.release === release)) return null;
  const well = coming.filter((each) => each.verdict === 'up').length;
  return html`<ul class="versions small" aria-label="By version">
    ${coming.length === 0 ? null : html`<li><b>${coming[0]?.release}</b> <span class="soft">is coming, ${well}/${coming.length} up</span></li>`}
    ${known.map(
      (each) =>
        html`<li key=${each.release}>
          <b>${each.release}</b> <span class="soft">${rate(each.requestsPerSecond)}, </span>
          <span class=${(each.errorRatio ?? 0) > 0.01 ? 'much' : 'soft'}>${percent(each.errorRatio)} errors</span
          ><span class="soft">, p95 ${ms(each.latencyMs?.p95)}</span>
        </li>`,
    )}
  </ul>`;
}

function Cell({ environment, service }: { readonly environment: string; readonly service: Service }): View {
  const { name, release, commit: of, answering, verdict, since, reason, requestsPerSecond, errorRatio, latencyMs, uptime, spark } = service;
  const running = [...new Set([...service.replicas, ...service.coming].map((each) => each.running).filter((each) => each !== null))];
  const apart = service.coming.length === 0 && [...running, ...(answering === null ? [] : [answering])].some((each) => each !== release);
  const well = service.replicas.filter((each) => each.verdict === 'up').length;
  return html`<article class="cell" data-is=${verdict} aria-label=${`${name} in ${environment}`}>
    <div class="line">
      <h3><a href=${to('services', environment, name)}>${name}</a></h3>
      <${Health} verdict=${verdict} />
      <span class="soft small">${since === null ? '' : html`<${Ago} at=${since} bare />`}</span>
    </div>
    <div class="line soft small">
      ${release === null ? NONE : html`<a class="release" href=${to('releases', release)}>${release}</a>`}
      <code>${commit(of)}</code>
      <span title="Replicas that are up, of those wanted">${well}/${service.replicas.length}</span>
      ${apart ? html`<span class="apart">runs ${running.join(', ') || NONE}, answers ${answering ?? NONE}</span>` : null}
    </div>
    ${reason === null || verdict === 'up' ? null : html`<p class="why small">${reason}</p>`}
    <${Apart} service=${service} />
    <${Spark} values=${spark} label="Latency over the last hour" />
    <dl class="figures">
      <div>
        <dt>p95</dt>
        <dd title=${latencyMs?.of === 'traffic' ? 'Of real requests' : 'Of the checks'}>${ms(latencyMs?.p95)}</dd>
      </div>
      <div>
        <dt>traffic</dt>
        <dd>${rate(requestsPerSecond)}</dd>
      </div>
      <div>
        <dt>errors</dt>
        <dd class=${(errorRatio ?? 0) > 0.01 ? 'much' : ''}>${percent(errorRatio)}</dd>
      </div>
      <div>
        <dt>up, 24 h</dt>
        <dd title=${`30 days: ${percent(uptime.month, 2)}`}>${percent(uptime.day, 2)}</dd>
      </div>
    </dl>
  </article>`;
}
