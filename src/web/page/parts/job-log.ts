/** The log of a job: steps and groups that fold, lines as text. */

import { useEffect, useRef } from 'preact/hooks';

import { html, type View } from '../lib/html.ts';
import { createRows, type Rows } from '../lib/rows.ts';
import { rowsOf, type JobState, type Row } from '../lib/run-state.ts';

const ROW_HEIGHT = 24;

export interface JobLogProps {
  readonly job: JobState;
  /** Changes when there is more. */
  readonly version: number;
}

export function JobLog({ job, version }: JobLogProps): View {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<Rows<Row>>(undefined);
  const toggled = useRef(new Set<string>());
  const follows = useRef(true);
  const draw = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (box.current === null) return undefined;
    const element = box.current;
    toggled.current = new Set();
    follows.current = true;
    const toggle = (id: string): void => {
      if (!toggled.current.delete(id)) toggled.current.add(id);
      follows.current = false;
      draw.current();
    };
    const rows = createRows<Row>({
      box: element,
      rowHeight: ROW_HEIGHT,
      paint: (row) => paintRow(row, toggle),
      onEnd: (atEnd) => (follows.current = atEnd),
    });
    list.current = rows;
    return () => rows[Symbol.dispose]();
  }, [job.key]);
  useEffect(() => {
    draw.current = () => list.current?.show(rowsOf(job, toggled.current), follows.current && job.state === 'in_progress');
    draw.current();
  }, [job, version]);
  return html`<div class="log job-log" ref=${box} tabindex="0" role="region" aria-label=${`Log of ${job.name}`}></div>`;
}

const MARKS: Readonly<Record<string, string>> = { success: '✓', failure: '✗', cancelled: '–', skipped: '–' };

function paintRow(row: Row, toggle: (id: string) => void): HTMLElement {
  const element = document.createElement(row.kind === 'line' ? 'div' : 'button');
  switch (row.kind) {
    case 'step': {
      const { name, state, conclusion } = row.step;
      element.className = 'log-line log-step';
      element.dataset['is'] = conclusion ?? state;
      element.textContent = `${row.open ? '▾' : '▸'} ${MARKS[conclusion ?? ''] ?? '•'} ${name}`;
      break;
    }
    case 'group':
      element.className = 'log-line log-group';
      element.textContent = `${row.open ? '▾' : '▸'} ${row.text}`;
      break;
    case 'line':
      element.className = `log-line ${row.inside ? 'inside' : ''}`;
      element.dataset['type'] = row.line.type;
      element.textContent = row.line.text; // always text, whatever a step writes
      element.title = row.line.time.slice(11, 23);
      return element;
    default:
      row satisfies never;
  }
  const { id } = row;
  element.setAttribute('aria-expanded', String(row.open));
  element.addEventListener('click', () => toggle(id));
  return element;
}
