/** The machine under it all: processor, memory, disk, temperature, what is written; and the daemon itself. */

import { useState } from 'preact/hooks';

import type { Machine as MachineState, Range } from '../../../contract/watch.ts';
import { call } from '../lib/api.ts';
import { bytes, NONE, percent } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { board } from '../lib/live.ts';
import { useLoad } from '../lib/load.ts';
import { Ago, span } from '../lib/time.ts';
import { Chart } from '../parts/chart.ts';
import { Failed, Waiting } from '../parts/note.ts';
import { Ranges } from '../parts/ranges.ts';

const EVERY_MS = 5000;

export function Machine(): View {
  const [range, setRange] = useState<Range>('1d');
  const { value, error } = useLoad(range, async (signal) => call('machine', { query: { range } }, signal), EVERY_MS);
  return html`<div class="head">
      <div>
        <h1 tabindex="-1">${value?.host ?? 'Machine'}</h1>
        ${value === undefined ? null : html`<p class="soft">up for ${span(value.uptimeSeconds * 1000)}</p>`}
      </div>
      <${Ranges} value=${range} onChange=${setRange} />
    </div>
    <${Failed} error=${error} />
    <${Notices} />
    ${value === undefined ? (error === undefined ? html`<${Waiting} what="Asking the machine" />` : null) : html`<${Now} machine=${value} /><${Then} machine=${value} /><${Own} machine=${value} />`}`;
}

/** What Antler says of itself: on a full disk, that the figures below have holes. */
function Notices(): View {
  const notices = board.value?.notices ?? [];
  if (notices.length === 0) return null;
  return html`<section class="asks" aria-label="Notices">
    ${notices.map((text) => html`<div class="note" key=${text}><p>${text}</p></div>`)}
  </section>`;
}

function Now({ machine }: { readonly machine: MachineState }): View {
  const { cpu, memory, disk, temperature, written } = machine;
  const used = memory.totalBytes - memory.availableBytes;
  return html`<div class="gauges">
    <${Gauge} title="Processor" share=${cpu.used} says=${percent(cpu.used, 0)} more=${`${cpu.cores} cores, last minute`} />
    <${Gauge} title="Memory" share=${used / memory.totalBytes} says=${bytes(used)} more=${`of ${bytes(memory.totalBytes)}`} />
    <${Gauge}
      title="Disk"
      share=${1 - disk.freeBytes / disk.totalBytes}
      says=${`${bytes(disk.freeBytes)} free`}
      more=${`of ${bytes(disk.totalBytes)}`}
    />
    <${Gauge}
      title="Temperature"
      share=${temperature === null ? null : temperature / 100}
      says=${temperature === null ? NONE : `${Math.round(temperature)} °C`}
      more=${temperature === null ? 'no sensor' : 'hottest sensor'}
    />
    <${Gauge}
      title="Written by Antler"
      share=${null}
      says=${written.perHour === null ? bytes(written.bytes) : `${bytes(written.perHour)} an hour`}
      more=${`${bytes(written.bytes)} since the daemon started`}
    />
  </div>`;
}

interface GaugeProps {
  readonly title: string;
  readonly share: number | null;
  readonly says: string;
  readonly more: string;
}

function Gauge({ title, share, says, more }: GaugeProps): View {
  return html`<div class="gauge">
    <h2>${title}</h2>
    <p class="gauge-says">${says}</p>
    <p class="soft small">${more}</p>
    ${
      share === null
        ? null
        : html`<svg class="gauge-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect width="100" height="4" />
            <rect class="gauge-fill" data-much=${share > 0.9} width=${Math.max(0, Math.min(100, share * 100))} height="4" />
          </svg>`
    }
  </div>`;
}

function Then({ machine }: { readonly machine: MachineState }): View {
  const { times, cpu, memoryBytes, diskFreeBytes, temperature, writtenBytes } = machine.history;
  const chart = (title: string, values: readonly (number | null)[], format: (value: number | null) => string): View =>
    values.some((value) => value !== null)
      ? html`<div class="panel">
          <${Chart} title=${title} times=${times} series=${[{ label: 'now', values, rank: 0 }]} format=${format} binary=${format === bytes} />
        </div>`
      : null;
  return html`<div class="columns">
    ${chart('Processor', cpu, (value) => percent(value, 0))} ${chart('Memory in use', memoryBytes, bytes)}
    ${chart('Disk free', diskFreeBytes, bytes)}
    ${chart('Temperature', temperature, (value) => (value === null ? NONE : `${Math.round(value)} °C`))}
    ${chart('Written by Antler, a minute', writtenBytes, bytes)}
  </div>`;
}

function Own({ machine }: { readonly machine: MachineState }): View {
  const { daemon, metrics, disk } = machine;
  return html`<section class="panel" aria-labelledby="own">
    <h2 id="own">The daemon</h2>
    <dl class="facts">
      <dt>Version</dt>
      <dd>${daemon.version}</dd>
      <dt>Started</dt>
      <dd><${Ago} at=${daemon.startedAt} /></dd>
      <dt>Memory</dt>
      <dd>${bytes(daemon.memoryBytes)}</dd>
      <dt>Longest stall, last minute</dt>
      <dd>${Math.round(daemon.loopLagMs)} ms</dd>
      <dt>History</dt>
      <dd>
        ${bytes(metrics.bytes)}, ${metrics.state === 'ok' ? 'written each minute' : `not written: ${metrics.detail}`}${metrics.droppedMinutes > 0 ? `; ${metrics.droppedMinutes} minutes let go` : ''}
      </dd>
      <dt>Home</dt>
      <dd><code>${disk.path}</code></dd>
    </dl>
  </section>`;
}
