/** Reads transitions and incidents from metrics.db, and what can still be read of them from a broken one. */

import type { DatabaseSync } from 'node:sqlite';

import { integer, integerOr, parseJson, text, textOr, type Row } from '../rows.ts';
import type { Writer } from './write.ts';
import type { IncidentEntryRow, IncidentRow, Metrics, TransitionRow } from './types.ts';

/** As many transitions as one answer may have: the newest. */
const TRANSITIONS = 1000;
/** Rows of each kind that are saved from a broken file. */
const SAVED = 5000;

export function readTransitions(db: DatabaseSync, query: Parameters<Metrics['transitions']>[0]): TransitionRow[] {
  const { from, to, environment, service } = query;
  return db
    .prepare(
      `SELECT * FROM transition WHERE at >= ? AND at < ? AND (? IS NULL OR environment = ?) AND (? IS NULL OR service = ?)
       ORDER BY at DESC, id DESC LIMIT ${TRANSITIONS}`,
    )
    .all(from, to, environment ?? null, environment ?? null, service ?? null, service ?? null)
    .map((row) => toTransition(row))
    .reverse();
}

/** Newest first. */
export function readIncidents(db: DatabaseSync, query: { readonly open?: boolean; readonly limit: number }): IncidentRow[] {
  const where = query.open === undefined ? '' : `WHERE closed_at IS ${query.open ? '' : 'NOT '}NULL`;
  return db
    .prepare(`SELECT * FROM incident ${where} ORDER BY id DESC LIMIT ?`)
    .all(query.limit)
    .map((row) => toIncident(row));
}

export function readIncident(db: DatabaseSync, id: number): IncidentRow | undefined {
  const row = db.prepare('SELECT * FROM incident WHERE id = ?').get(id);
  return row === undefined ? undefined : toIncident(row);
}

export function readEntries(db: DatabaseSync, incident: number): IncidentEntryRow[] {
  return db
    .prepare('SELECT * FROM incident_entry WHERE incident = ? ORDER BY at, id')
    .all(incident)
    .map((row) => toEntry(row));
}

/** 0 where there was none. */
export function lastIncident(db: DatabaseSync): number {
  return Number(db.prepare('SELECT max(id) AS id FROM incident').get()?.['id'] ?? 0);
}

/** Copies what is precious as far as `broken` can be read; returns how many rows. */
export function rescue(broken: DatabaseSync, writer: Writer): number {
  let saved = 0;
  const copy = <T>(table: string, write: (row: Row) => T): void => {
    try {
      for (const row of broken.prepare(`SELECT * FROM ${table} ORDER BY id DESC LIMIT ${SAVED}`).all().reverse()) {
        write(row);
        saved++;
      }
    } catch {
      // what comes after the break is lost
    }
  };
  copy('transition', (row) => writer.transition(toTransition(row)));
  copy('incident', (row) => writer.incident(toIncident(row)));
  copy('incident_entry', (row) => writer.entry(toEntry(row)));
  return saved;
}

function toTransition(row: Row): TransitionRow {
  return {
    environment: text(row, 'environment'),
    service: text(row, 'service'),
    release: text(row, 'release'),
    at: integer(row, 'at'),
    from: text(row, 'was'),
    to: text(row, 'became'),
    reason: text(row, 'reason'),
    evidence: text(row, 'evidence'),
  };
}

function toIncident(row: Row): IncidentRow {
  return {
    id: integer(row, 'id'),
    cause: text(row, 'cause'),
    title: text(row, 'title'),
    severity: text(row, 'severity') as IncidentRow['severity'],
    environment: text(row, 'environment'),
    subjects: parseJson<string[]>(text(row, 'subjects')),
    release: text(row, 'release'),
    openedAt: integer(row, 'opened_at'),
    closedAt: integerOr(row, 'closed_at'),
    acknowledgedBy: textOr(row, 'acknowledged_by'),
    acknowledgedAt: integerOr(row, 'acknowledged_at'),
  };
}

function toEntry(row: Row): IncidentEntryRow {
  return {
    incident: integer(row, 'incident'),
    at: integer(row, 'at'),
    kind: text(row, 'kind') as IncidentEntryRow['kind'],
    text: text(row, 'text'),
    actor: text(row, 'actor'),
  };
}
