import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFit } from './finding.ts';
import { judgeMachine, type MachineReading } from './machine-checks.ts';

const GIB = 1024 ** 3;
const fine: MachineReading = {
  fitness: { home: '/srv/a', system: 'Debian', debianLike: true, memory: 4 * GIB, disk: 30 * GIB, holders: [], installed: true },
  available: 3 * GIB,
  now: Date.parse('2026-11-23'),
  codeTime: Date.parse('2026-11-01'),
  synced: 'yes',
  portProblems: [],
  ports: [30_008],
};

const cases: readonly { readonly name: string; readonly reading: Partial<MachineReading>; readonly want: string }[] = [
  { name: 'finds a fit machine fit', reading: {}, want: 'system ok, memory ok, disk ok, clock ok, ports ok' },
  { name: 'sees little memory left', reading: { available: 1000 }, want: 'system ok, memory todo, disk ok, clock ok, ports ok' },
  { name: 'sees a clock before the program', reading: { now: 0 }, want: 'system ok, memory ok, disk ok, clock todo, ports ok' },
  { name: 'notes a clock on its own', reading: { synced: 'no' }, want: 'system ok, memory ok, disk ok, clock note, ports ok' },
  { name: 'says that no ports were looked at', reading: { ports: [] }, want: 'system ok, memory ok, disk ok, clock ok, ports note' },
  {
    name: 'names a taken port',
    reading: { portProblems: [{ code: 'edge/port-taken', at: 'environments.dev.port', message: '1 is taken by x' }] },
    want: 'system ok, memory ok, disk ok, clock ok, ports todo',
  },
  {
    name: 'names the console’s port where it is taken',
    reading: { portProblems: [{ code: 'console/port-taken', at: 'console.port', message: '7700 is taken by x' }] },
    want: 'system ok, memory ok, disk ok, clock ok, ports todo',
  },
  {
    name: 'sees a full disk and another system',
    reading: { fitness: { ...fine.fitness, disk: 1, debianLike: false } },
    want: 'system todo, memory ok, disk todo, clock ok, ports ok',
  },
];

for (const { name, reading, want } of cases) {
  test(`judgeMachine() ${name}`, () => {
    const findings = judgeMachine({ ...fine, ...reading });
    assert.equal(findings.map(({ check, state }) => `${check} ${state}`).join(', '), want);
    assert.equal(isFit(findings), !want.includes('todo'));
    for (const { state, hint } of findings) if (state === 'todo') assert.ok(hint !== undefined, 'something to type');
  });
}
