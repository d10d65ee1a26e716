/** Incidents and those who are told, over the API. */

import type { Incident, IncidentWithTimeline } from '../contract/watch.ts';
import { isoTime } from '../kit/clock.ts';
import type { Alerts, Incidents } from '../monitor/monitor.ts';
import type { Handlers } from './types.ts';

type WatchEndpoint = 'incidents' | 'incident' | 'acknowledge' | 'noteIncident' | 'testNotify';
type WithEntries = Awaited<ReturnType<Incidents['get']>>;

export function watchHandlers(incidents: Incidents, alerts: Pick<Alerts, 'test'>): Pick<Handlers, WatchEndpoint> {
  return {
    incidents: async (call) => ({ incidents: (await incidents.list(call.query)).map(toIncident) }),
    incident: async (call) => withTimeline(await incidents.get(call.params.id)),
    acknowledge: async (call) => withTimeline(await incidents.acknowledge(call.params.id, await call.actor())),
    noteIncident: async (call) => withTimeline(await incidents.note(call.params.id, { text: call.body.text, actor: await call.actor() })),
    testNotify: async (call) => ({ results: [...(await alerts.test(call.body.channel, call.signal))] }),
  };
}

function toIncident({ subjects, openedAt, closedAt, acknowledgedBy, acknowledgedAt, ...row }: WithEntries['incident']): Incident {
  return {
    ...row,
    subjects: [...subjects],
    openedAt: isoTime(openedAt),
    closedAt: closedAt === undefined ? null : isoTime(closedAt),
    acknowledged: acknowledgedAt === undefined ? null : { by: acknowledgedBy ?? '', at: isoTime(acknowledgedAt) },
  };
}

function withTimeline({ incident, entries }: WithEntries): IncidentWithTimeline {
  const timeline = [...entries].sort((a, b) => a.at - b.at);
  return {
    ...toIncident(incident),
    timeline: timeline.map(({ at, kind, text, actor, evidence }) => ({ at: isoTime(at), kind, text, actor, evidence })),
  };
}
