/** What the board shows of incidents. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { INCIDENT } from '../store/metrics/fixtures.ts';
import { toShown } from './incidents.ts';

test('toShown: an incident that comes and goes is called so, as long as it does', () => {
  const row = { ...INCIDENT, id: 3, openedAt: Date.UTC(2026, 5, 1, 12), acknowledgedAt: undefined };
  const shown = { id: 3, title: row.title, severity: row.severity, since: '2026-06-01T12:00:00.000Z', acknowledged: false };
  assert.deepEqual(toShown(row, false), shown);
  assert.deepEqual(toShown(row, true), { ...shown, title: `${row.title}, again and again` });
});
