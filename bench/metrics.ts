/** What the daemon says of itself to Prometheus. */

export interface OwnMetrics {
  /** Longest stall of its event loop in the last minute; a beat four times a second tells. */
  readonly loopLagMs: number;
  /** What it looks at. */
  readonly targets: number;
}

export async function readMetrics(origin: string, signal: AbortSignal): Promise<OwnMetrics> {
  const answer = await fetch(`${origin}/metrics`, { signal });
  if (!answer.ok) throw new Error(`Cannot read ${origin}/metrics as it answers ${answer.status}`);
  return ownMetrics(await answer.text());
}

/** Pure. */
export function ownMetrics(text: string): OwnMetrics {
  const lag = /^monitor_loop_lag_seconds (\S+)$/m.exec(text)?.[1];
  if (lag === undefined) throw new Error('Cannot tell how long the daemon stood still as its metrics do not say it');
  return { loopLagMs: Number(lag) * 1000, targets: text.match(/^probe_success\{/gm)?.length ?? 0 };
}
