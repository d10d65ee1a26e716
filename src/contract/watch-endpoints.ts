/** Endpoints of incidents, and of those who are told of them. */

import { z } from 'zod';

import { routes } from './routes.ts';
import { incident, incidentWithTimeline, notifyResult } from './watch.ts';

const id = z.object({ id: z.coerce.number().int().min(1) });

export const watchEndpoints = {
  incidents: {
    ...routes.incidents,
    summary: 'Incidents, newest first',
    query: z.object({
      open: z.stringbool().default(false).describe('Only those that are open'),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
    }),
    response: z.object({ incidents: z.array(incident) }),
  },
  incident: { ...routes.incident, summary: 'One incident with its timeline', params: id, response: incidentWithTimeline },
  acknowledge: {
    ...routes.acknowledge,
    summary: 'Say that somebody is on it: nobody is reminded of it any more',
    params: id,
    response: incidentWithTimeline,
  },
  noteIncident: {
    ...routes.noteIncident,
    summary: 'Write into the timeline of an incident',
    params: id,
    body: z.object({ text: z.string().trim().min(1).max(5000) }),
    response: incidentWithTimeline,
  },
  testNotify: {
    ...routes.testNotify,
    summary: 'Send a test through every channel, or through one',
    body: z.object({ channel: z.string().optional() }),
    response: notifyResult,
  },
} as const;
