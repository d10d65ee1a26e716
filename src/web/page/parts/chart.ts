/** Lines over time, with what happened marked; the same in words for who does not see it. */

import { effect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import uplot from 'uplot';
import type UPlot from 'uplot';

import { html, type View } from '../lib/html.ts';
import { theme } from './theme.ts';

/** Its types are those of its CommonJS form. */
const Plot = uplot as unknown as new (options: UPlot.Options, data: UPlot.AlignedData, element: HTMLElement) => UPlot;

type Values = readonly (number | null)[];

export interface ChartSeries {
  readonly label: string;
  readonly values: Values;
  /** 0 is what people look for; further ones step back. */
  readonly rank: number;
  readonly dashed?: boolean;
}

export interface ChartMark {
  /** Seconds since 1970. */
  readonly at: number;
  readonly text: string;
  readonly bad: boolean;
}

export interface ChartProps {
  readonly title: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly format: (value: number | null) => string;
  readonly marks?: readonly ChartMark[];
  /** The scale reaches at least so far. */
  readonly least?: number;
  /** Its numbers are bytes: lines lie on round ones of 1024. */
  readonly binary?: boolean;
}

const HEIGHT = 150;
/** 1, 2 and 5 of each power of ten bytes, kilobytes and so on, as those are shown. */
const BYTE_STEPS = Array.from({ length: 5 }, (_, unit) => [1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => step * 1024 ** unit)).flat();
/** Rows of words beside marks; what has no room in them is in the list of what happened. */
const MARK_ROWS = 4;
const COLOURS = ['--accent', '--chart-2', '--chart-3', '--chart-4', '--chart-5'] as const;

export function Chart(props: ChartProps): View {
  const { title, times, series, format } = props;
  const box = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | undefined>();
  useEffect(() => {
    const element = box.current;
    if (element === null || times.length === 0) return undefined;
    let plot: UPlot | undefined;
    const draw = (): void => {
      plot?.destroy();
      plot = new Plot(
        optionsOf(props, element, setHovered),
        [[...times], ...series.map(({ values }) => [...values])] as UPlot.AlignedData,
        element,
      );
    };
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const stopTheme = effect(() => {
      void theme.value;
      draw();
    });
    scheme.addEventListener('change', draw);
    const sizes = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    return () => {
      stopTheme();
      scheme.removeEventListener('change', draw);
      sizes.disconnect();
      plot?.destroy();
    };
  }, [times, series]);
  const known = (values: Values): number[] => values.filter((value) => value !== null);
  return html`<figure class="chart">
    <figcaption>
      <h3>${title}</h3>
      <ul class="legend">
        ${series.map(({ label, values, rank, dashed = false }) => {
          const all = known(values);
          const value = hovered === undefined ? (all.at(-1) ?? null) : (values[hovered] ?? null);
          return html`<li key=${label}>
            <span class="swatch" data-rank=${rank % COLOURS.length} data-dashed=${dashed}></span>${label} <b>${format(value)}</b>
            <span class="unseen">, at most ${format(all.length === 0 ? null : Math.max(...all))}</span>
          </li>`;
        })}
      </ul>
    </figcaption>
    <div class="plot" ref=${box} aria-hidden="true"></div>
  </figure>`;
}

/** Values that no line leads to or from. Pure. */
function alone(values: Values): number[] {
  return values.flatMap((value, at) =>
    value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null ? [at] : [],
  );
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const DAY_SECONDS = 86_400;

function whenOf(seconds: number, span: number): string {
  return (span > 2 * DAY_SECONDS ? DAY : TIME).format(new Date(seconds * 1000));
}

function optionsOf(
  { times, series, format, marks = [], least = 0, binary = false }: ChartProps,
  element: HTMLElement,
  onHover: (at: number | undefined) => void,
): UPlot.Options {
  const style = getComputedStyle(element);
  // A canvas knows no light-dark(): what it gives is asked of an element that has it as its colour.
  const probe = document.createElement('i');
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const [line, soft, bad] = [colour('--line'), colour('--soft'), colour('--down')];
  const strokes = COLOURS.map(colour);
  probe.remove();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: soft, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 18, 0, 0], // half a time fits beside the last line
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(least, (max ?? 0) * 1.08) || 1] } },
    axes: [
      { ...axis, size: 24, space: 70, values: (_plot, ticks) => ticks.map((tick) => whenOf(tick, (times.at(-1) ?? 0) - (times[0] ?? 0))) },
      {
        ...axis,
        size: 62,
        space: 34,
        ...(binary ? { incrs: BYTE_STEPS } : {}),
        values: (_plot, ticks) => ticks.map((tick) => format(tick)),
      },
    ],
    series: [
      {},
      ...series.map(({ label, rank, dashed = false }) => ({
        label,
        stroke: strokes[rank % strokes.length] ?? soft,
        width: rank === 0 ? 2 : 1.5,
        spanGaps: false,
        points: { show: true, size: 5, filter: (_plot: UPlot, at: number) => alone(series[at - 1]?.values ?? []) },
        ...(dashed ? { dash: [4, 3] } : {}),
      })),
    ],
    hooks: {
      setCursor: [(plot) => onHover(plot.cursor.idx ?? undefined)],
      draw: [
        (plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.textAlign = 'left';
          ctx.font = `${11 * devicePixelRatio}px ${style.fontFamily}`;
          const ends: number[] = []; // of the words in each row: what comes shortly after goes below
          for (const mark of marks.toSorted((a, b) => a.at - b.at)) {
            const x = Math.round(plot.valToPos(mark.at, 'x', true));
            if (x < bbox.left || x > bbox.left + bbox.width) continue;
            ctx.strokeStyle = mark.bad ? bad : soft;
            ctx.fillStyle = mark.bad ? bad : soft;
            ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
            const width = ctx.measureText(mark.text).width;
            const fits = x + width + 8 < bbox.left + bbox.width;
            const from = fits ? x + 4 : x - width - 4;
            const free = ends.findIndex((end) => end < from);
            const row = free === -1 ? ends.length : free;
            if (row >= MARK_ROWS) continue;
            ends[row] = from + width + 4;
            ctx.fillText(mark.text, from, bbox.top + (11 + row * 13) * devicePixelRatio);
          }
          ctx.restore();
        },
      ],
    },
  };
}
