/** What each API command asks, prints and ends with: the table that commands.test.ts runs. */

import type { EndpointName } from '../../../src/contract/endpoints.ts';
import { DIFF, INCIDENT, RECEIPT, RELEASE, STATUS, TIME, TIMELINE } from './samples.ts';
import type { Answer } from './stand-in.ts';

export const step = (state: string): unknown => ({
  kind: 'step',
  time: TIME,
  step: 'shift',
  title: 'Shift traffic',
  state,
  ...(state === 'start' ? {} : { ms: 120 }),
});
export const waiting = { kind: 'waiting', time: TIME, approval: 'a7', environment: 'prod', release: 'r42' };
const approval = { id: 'a7', environment: 'prod', release: 'r42', run: null, state: 'approved' };
export const log = {
  kind: 'log',
  time: TIME,
  environment: 'dev',
  service: 'backend',
  replica: '1',
  release: 'r42',
  stream: 'stdout',
  text: 'hello',
};
const bases = [{ name: 'node', key: null, packages: {}, resolvedAt: null, bytes: null, standsFor: ['docker.io/library/node:24'] }];
const none = { bases };

const token = { name: 'TOKEN', environment: 'prod', updatedAt: TIME, actor: 'ana' };
const region = { name: 'REGION', environment: null, updatedAt: TIME, actor: 'ben', value: 'a\nb' };

export interface Case {
  readonly line: string;
  readonly name: EndpointName;
  readonly answer: Answer;
  /** What the daemon was asked: params, query, body merged. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** What is asked after it. */
  readonly next?: Pick<Case, 'name' | 'answer' | 'asked'>;
  readonly exit?: number;
  readonly prints: RegExp;
  /** The last line of `--json`, where it is not the result. */
  readonly lastJson?: unknown;
}

export const CASES: readonly Case[] = [
  { line: 'status', name: 'status', answer: { result: STATUS }, asked: {}, prints: /moose-facts[^]*antler approve a7/ },
  {
    line: 'build',
    name: 'build',
    answer: { events: [step('start'), step('done')], result: RELEASE },
    asked: { directory: '$HOME' },
    prints: /r42 from 3f2a91c: backend, frontend \(taken over\)/,
  },
  {
    line: 'deploy dev',
    name: 'deploy',
    answer: { events: [step('done')], result: { ...RECEIPT, environment: 'dev' } },
    asked: { environment: 'dev', wait: true, force: false },
    prints: /dev is on r42: 12,345 requests served, 0 lost/,
  },
  {
    line: 'deploy dev r41 --no-wait',
    name: 'deploy',
    answer: { result: { ...RECEIPT, verdict: 'running', endedAt: null } },
    asked: { environment: 'dev', release: 'r41', wait: false, force: false },
    exit: 2,
    prints: /antler status --watch/,
  },
  {
    line: 'deploy prod --force --reason fire',
    name: 'deploy',
    answer: { result: { ...RECEIPT, verdict: 'undone', reason: 'never ready' } },
    asked: { environment: 'prod', wait: true, force: true, reason: 'fire' },
    exit: 1,
    prints: /prod stays on r41: r42 undone: never ready/,
  },
  {
    line: 'promote prod',
    name: 'promote',
    answer: { events: [waiting, step('done')], result: RECEIPT },
    asked: { environment: 'prod', wait: true, force: false },
    prints: /prod is on r42/,
  },
  {
    line: 'promote prod --no-wait',
    name: 'promote',
    answer: { result: { ...RECEIPT, verdict: 'waiting', endedAt: null } },
    asked: { environment: 'prod', wait: false, force: false },
    exit: 2,
    prints: /waits for an approval of r42/,
  },
  {
    line: 'rollback prod --to r40',
    name: 'rollback',
    answer: { result: { ...RECEIPT, kind: 'rollback' } },
    asked: { environment: 'prod', to: 'r40', wait: true },
    prints: /prod is on r42/,
  },
  { line: 'approve a7', name: 'approve', answer: { result: approval }, asked: { id: 'a7', approve: true }, prints: /r42 may go to prod/ },
  {
    line: 'approve a7 --reject --comment no',
    name: 'approve',
    answer: { result: { ...approval, state: 'rejected' } },
    asked: { id: 'a7', approve: false, comment: 'no' },
    prints: /will not go to prod/,
  },
  {
    line: 'hold prod',
    name: 'hold',
    answer: { result: { environment: 'prod', hold: true } },
    asked: { environment: 'prod', reason: 'held by hand' },
    prints: /antler hold prod --lift/,
  },
  {
    line: 'hold prod --lift',
    name: 'unhold',
    answer: { result: { environment: 'prod', hold: false } },
    asked: { environment: 'prod' },
    prints: /takes releases again/,
  },
  { line: 'releases', name: 'releases', answer: { result: { releases: [RELEASE] } }, asked: {}, prints: /r42 +3f2a91c/ },
  {
    line: 'diff dev prod',
    name: 'diff',
    answer: { result: DIFF },
    asked: { a: 'dev', b: 'prod' },
    exit: 2,
    prints: /environments\.prod\.replicas +1 +2/,
  },
  {
    line: 'diff dev stg',
    name: 'diff',
    answer: { result: { ...DIFF, same: true, services: [], config: [] } },
    asked: { a: 'dev', b: 'stg' },
    prints: /the same/,
  },
  {
    line: 'receipt r42 --env prod',
    name: 'receipt',
    answer: { result: RECEIPT },
    asked: { id: 'r42', environment: 'prod' },
    prints: /12,345[^]*r41[^]*43\.2 s|43\.2 s[^]*12,345/,
  },
  {
    line: 'logs dev backend --tail 5',
    name: 'logs',
    answer: { events: [log], result: { lines: 1 } },
    asked: { environment: 'dev', service: 'backend', follow: false, tail: 5 },
    prints: /backend r42 1 │ hello/,
    lastJson: log,
  },
  { line: 'images ls', name: 'images', answer: { result: none }, asked: {}, prints: /node +not made yet/ },
  {
    line: 'images refresh node',
    name: 'refreshImages',
    answer: { events: [step('done')], result: none },
    asked: { names: ['node'] },
    prints: /node +not made yet/,
  },
  {
    line: 'exec dev backend -- sh -c exit',
    name: 'exec',
    answer: {
      events: [
        { kind: 'data', stream: 'stdout', base64: 'aGk=' },
        { kind: 'exit', exitCode: 7 },
      ],
      result: { exitCode: 7 },
    },
    asked: { environment: 'dev', service: 'backend', argv: ['sh', '-c', 'exit'] },
    exit: 7,
    prints: /^hi$/,
    lastJson: { exitCode: 7 },
  },
  { line: 'secrets ls', name: 'secrets', answer: { result: { secrets: [token] } }, asked: {}, prints: /TOKEN +prod .+ ana\n/ },
  { line: 'secrets ls', name: 'secrets', answer: { result: { secrets: [] } }, asked: {}, prints: /antler secrets set NAME/ },
  {
    line: 'secrets rm token --env prod',
    name: 'removeSecret',
    answer: { result: token },
    asked: { name: 'token', environment: 'prod' },
    prints: /secret TOKEN of prod is gone/,
  },
  {
    line: 'variables set region -- -north',
    name: 'setVariable',
    answer: { result: region },
    asked: { name: 'region', value: '-north' },
    prints: /variable REGION is set/,
  },
  { line: 'variables ls', name: 'variables', answer: { result: { variables: [region] } }, asked: {}, prints: /REGION +all .+ ben +a·b\n/ },
  {
    line: 'variables rm region',
    name: 'removeVariable',
    answer: { result: region },
    asked: { name: 'region' },
    prints: /variable REGION is gone/,
  },
  {
    line: 'incidents',
    name: 'incidents',
    answer: { result: { incidents: [INCIDENT] } },
    asked: { open: false, limit: 20 },
    prints: /7 +open +down .+ r43 .+ prod\/backend is down\n/,
  },
  {
    line: 'incidents --open --limit 5',
    name: 'incidents',
    answer: { result: { incidents: [] } },
    asked: { open: true, limit: 5 },
    prints: /No incident is open/,
  },
  {
    line: 'incidents 7',
    name: 'incident',
    answer: { result: TIMELINE },
    asked: { id: 7 },
    prints:
      /prod\/backend is down[^]*opened +prod\/backend \(r43\) is down: answers 500\n +\| <h1>Oops<\/h1>\n +\| no database\n[^]*note +the cable \/ again +ana[^]*antler incidents ack 7/,
  },
  {
    line: 'incidents ack #7',
    name: 'acknowledge',
    answer: { result: { ...TIMELINE, acknowledged: { by: 'ana', at: TIME } } },
    asked: { id: 7 },
    prints: /ana is on it/,
  },
  {
    line: 'incidents note 7 the disk -- was full',
    name: 'noteIncident',
    answer: { result: TIMELINE },
    asked: { id: 7, text: 'the disk was full' },
    prints: /in the timeline: .*antler incidents 7/,
  },
  {
    line: 'notify test',
    name: 'testNotify',
    answer: {
      result: {
        results: [
          { channel: 'chat', ok: true, detail: 'answers 200', ms: 34 },
          { channel: 'sms', ok: false, detail: 'ended with 3', ms: 5 },
        ],
      },
    },
    asked: {},
    exit: 1,
    prints: /✓ chat: answers 200 34 ms\n✗ sms: ended with 3 5 ms/,
  },
  {
    line: 'notify test chat',
    name: 'testNotify',
    answer: { result: { results: [] } },
    asked: { channel: 'chat' },
    prints: /Nobody is told/,
  },
];
