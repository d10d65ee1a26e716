/** An environment's log as it is written: followed, searched, paused. However fast it comes, a frame draws what can be seen. */

import { useEffect, useRef, useState } from 'preact/hooks';

import type { LogEvent } from '../../../contract/events.ts';
import { stream, type ApiError } from '../lib/api.ts';
import { follow } from '../lib/follow.ts';
import { count, plural } from '../lib/format.ts';
import { html, type View } from '../lib/html.ts';
import { createLines, plain, type Line } from '../lib/lines.ts';
import { createRows, type Rows } from '../lib/rows.ts';
import { seen } from '../lib/seen.ts';
import { Failed } from './note.ts';

const KEEP = 5000;
const TAIL = 300;
const ROW_HEIGHT = 20;
const SAY_MS = 250;

export interface LogsProps {
  readonly environment: string;
  readonly service: string;
}

export function Logs({ environment, service }: LogsProps): View {
  const box = useRef<HTMLDivElement>(null);
  const store = useRef(createLines(KEEP));
  const rows = useRef<Rows<Line>>(undefined);
  const paused = useRef(false);
  const words = useRef('');
  const [error, setError] = useState<ApiError>();
  const [, say] = useState(0);

  const looked = seen.value;
  const draw = (): void => rows.current?.show(store.current.lines(), !paused.current);
  const pause = (next: boolean): void => {
    paused.current = next;
    store.current.pause(next);
    draw();
    say((before) => before + 1);
  };
  useEffect(() => {
    if (box.current === null || !looked) return undefined;
    const abort = new AbortController();
    const begin = (): void => {
      store.current = createLines(KEEP);
      store.current.search(words.current);
      store.current.pause(paused.current);
    };
    paused.current = false;
    begin();
    const list = createRows<Line>({
      box: box.current,
      rowHeight: ROW_HEIGHT,
      paint: paintLine,
      // Who scrolls back reads: what is there stays still.
      onEnd: (atEnd) => {
        if (!atEnd && !paused.current) pause(true);
      },
    });
    rows.current = list;
    const timer = setInterval(() => say((before) => before + 1), SAY_MS);
    const open = async (heard: () => void): Promise<unknown> => {
      let begun = false;
      return stream(
        'logs',
        { params: { environment }, query: { service, follow: 'true', tail: TAIL } },
        {
          signal: abort.signal,
          onPulse: heard,
          onEvent: (event) => {
            // With the last lines again: what is known stays until they come, and where somebody reads.
            if (!begun && !paused.current) begin();
            begun = true;
            store.current.add(toLine(event));
            if (!paused.current) list.show(store.current.lines(), true);
          },
        },
      );
    };
    void follow({ signal: abort.signal, open, onBroken: setError });
    return () => {
      abort.abort();
      clearInterval(timer);
      list[Symbol.dispose]();
    };
  }, [environment, service, looked]);

  const { all, dropped } = store.current.count();
  const waiting = store.current.waiting();
  return html`<div class="log-tools">
      <input
        type="search"
        placeholder="Search"
        aria-label="Search the log"
        onInput=${(event: InputEvent) => {
          store.current.search((words.current = (event.target as HTMLInputElement).value));
          draw();
        }}
      />
      <button onClick=${() => pause(!paused.current)} aria-pressed=${paused.current}>${paused.current ? 'Follow' : 'Pause'}</button>
      <span class="soft small" role="status">
        ${paused.current ? `paused, ${plural(waiting, 'new line')}` : plural(all, 'line')}${dropped > 0 ? `; the last ${count(KEEP)} or more are kept` : ''}
      </span>
    </div>
    <${Failed} error=${error} />
    <div class="log" ref=${box} tabindex="0" role="region" aria-label=${`Log of ${service} in ${environment}`}></div>
    ${all === 0 && error === undefined ? html`<p class="soft small">Nothing was written yet.</p>` : null}`;
}

function toLine({ time, replica, release, stream: of, text }: LogEvent): Line {
  return { time: time.slice(11, 23), from: `${release}${replica === '' ? '' : `.${replica}`}`, loud: of === 'stderr', text: plain(text) };
}

function paintLine({ time, from, loud, text }: Line): HTMLElement {
  const row = document.createElement('div');
  row.className = loud ? 'log-line loud' : 'log-line';
  for (const [name, words] of [
    ['log-time', time],
    ['log-from', loud ? `${from} !` : from],
    ['log-text', text],
  ] as const) {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = words; // always text, whatever an application writes
    row.append(part);
  }
  return row;
}
