/** Small specs and rows for this room's tests. */

import type { AppSpec, EnvironmentSpec, ServiceSpec } from '../config/types.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';

export function service(name: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    build: { context: name, dockerfile: 'Dockerfile', args: {} },
    port: 5000,
    expose: false,
    health: { path: '/healthz', startMs: 2000, intervalMs: 100, timeoutMs: 200 },
    volumes: [],
    overlap: true,
    hardened: false,
    drainMs: 500,
    stopMs: 500,
    env: {},
    replicas: 1,
    memory: 64 * 1024 * 1024,
    cpus: 1,
    pids: 64,
    ...more,
  };
}

export function environment(name: string, more: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return { name, port: 30_008, soakMs: 0, approve: 0, strategy: { steps: [100], bakeMs: 0 }, services: {}, ...more };
}

export function app(services: readonly ServiceSpec[], environments: readonly EnvironmentSpec[]): AppSpec {
  return { version: 1, app: 'shop', bases: {}, services, environments };
}

/** Digests are `sha256:<service><letter>`, repeated to length. */
export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

export function release(number: number, spec: AppSpec, digests: Readonly<Record<string, string>>): ReleaseRow {
  return {
    number,
    app: spec.app,
    commit: `commit${number}`,
    dirty: false,
    fingerprint: `f${number}`,
    spec,
    actor: 'ann',
    createdAt: number,
    services: Object.entries(digests).map(([name, letter]) => ({
      service: name,
      repository: `127.0.0.1:1/shop/${name}`,
      digest: digest(letter),
      recipe: letter,
      built: true,
      stoodFor: [],
    })),
  };
}

export function replica(generation: number, more: Partial<ReplicaRow> = {}): ReplicaRow {
  return {
    generation,
    environment: 'dev',
    service: 'web',
    release: 1,
    replica: 1,
    address: `10.1.101.${10 + generation}`,
    state: 'serving',
    rollout: 1,
    ...more,
  };
}
