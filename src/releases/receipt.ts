/** Rows as the API's release, receipt and diff. Pure. */

import type { Diff, Receipt, Release } from '../contract/releases.ts';
import { addLatency, percentile } from '../edge/edge.ts';
import { isoTime } from '../kit/clock.ts';
import type { ApprovalRow, EnvironmentRow, ReleaseRow, RolloutRow, StepRow, TrafficRow } from '../store/types.ts';
import { releaseId } from './names.ts';

export function toRelease(row: ReleaseRow, environments: readonly EnvironmentRow[]): Release {
  return {
    id: releaseId(row.number),
    app: row.app,
    commit: row.commit,
    dirty: row.dirty,
    services: Object.fromEntries(
      row.services.map((each) => [
        each.service,
        { digest: each.digest, repository: each.repository, built: each.built, stoodFor: [...each.stoodFor] },
      ]),
    ),
    createdAt: isoTime(row.createdAt),
    actor: row.actor,
    environments: row.spec.environments
      .map((each) => each.name)
      .filter((name) => environments.some((each) => each.name === name && each.release === row.number)),
  };
}

export interface ReceiptInput {
  readonly rollout: RolloutRow;
  readonly release: ReleaseRow;
  readonly from: ReleaseRow | undefined;
  readonly steps: readonly StepRow[];
  readonly traffic: readonly TrafficRow[];
  readonly approval: ApprovalRow | undefined;
}

export function toReceipt(input: ReceiptInput): Receipt {
  const { rollout, release, from, traffic } = input;
  const total = (count: (row: TrafficRow) => number): number => traffic.reduce((sum, row) => sum + count(row), 0);
  return {
    release: releaseId(release.number),
    environment: rollout.environment,
    from: from === undefined ? null : releaseId(from.number),
    verdict: rollout.verdict,
    startedAt: isoTime(rollout.startedAt),
    endedAt: rollout.endedAt === undefined ? null : isoTime(rollout.endedAt),
    actor: rollout.actor,
    kind: rollout.kind,
    forced: rollout.forcedReason === undefined ? null : { reason: rollout.forcedReason },
    reason: rollout.reason ?? null,
    requests: {
      served: total((row) => row.served),
      lost: total((row) => row.lost),
      cut: rollout.cut,
      unseen: total((row) => row.unseen),
    },
    versions: [...Map.groupBy(traffic, (row) => row.release)]
      .filter(([, rows]) => rows.some((row) => row.served > 0))
      .map(([id, rows]) => toVersion(id, rows)),
    services: release.services.map((each) => {
      const was = from?.services.find((old) => old.service === each.service)?.digest ?? null;
      return { service: each.service, from: was, to: each.digest, changed: was !== each.digest };
    }),
    approvals: (input.approval?.votes ?? [])
      .filter((vote) => vote.approve)
      .map((vote) => ({ by: vote.actor, at: isoTime(vote.at), via: vote.via })),
    steps: input.steps.map((each) => ({ step: each.step, startedAt: isoTime(each.startedAt), ms: each.ms ?? null, state: each.state })),
  };
}

function toVersion(id: string, rows: readonly TrafficRow[]): Receipt['versions'][number] {
  const latency = rows.map((row) => row.latency).reduce(addLatency, []);
  const at = (percent: number): number | null => percentile(latency, percent) ?? null;
  return {
    release: id,
    served: rows.reduce((sum, row) => sum + row.served, 0),
    errors: rows.reduce((sum, row) => sum + row.errors, 0),
    latencyMs: { p50: at(50), p95: at(95), p99: at(99) },
  };
}

export interface DiffSide {
  readonly environment: string;
  readonly release: ReleaseRow | undefined;
}

/** What differs between two environments: digests, and the resolved config of what they have. */
export function toDiff(a: DiffSide, b: DiffSide): Diff {
  const side = ({ environment, release }: DiffSide): Diff['a'] => ({
    environment,
    release: release === undefined ? null : releaseId(release.number),
    commit: release?.commit ?? null,
  });
  const names = [...new Set([a, b].flatMap((each) => each.release?.services.map((s) => s.service) ?? []))];
  const digest = ({ release }: DiffSide, name: string): string | null =>
    release?.services.find((each) => each.service === name)?.digest ?? null;
  const services = names.map((name) => ({
    service: name,
    a: digest(a, name),
    b: digest(b, name),
    same: digest(a, name) === digest(b, name),
  }));
  const config = a.release?.number === b.release?.number ? [] : differences('', a.release?.spec, b.release?.spec);
  return { a: side(a), b: side(b), same: a.release?.number === b.release?.number, services, config };
}

function differences(path: string, a: unknown, b: unknown): Diff['config'] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (!isRecord(a) || !isRecord(b)) return [{ path, a: a ?? null, b: b ?? null }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((name) => differences(path === '' ? name : `${path}.${name}`, a[name], b[name]));
}

/** Lists of named things (services, environments) are compared by name. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
