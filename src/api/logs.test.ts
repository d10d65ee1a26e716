import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LogEvent } from '../contract/events.ts';
import { LABELS } from '../engines/engines.ts';
import type { Container, Engine, LogLine } from '../engines/types.ts';
import { sleep } from '../kit/wait.ts';
import { streamLogs } from './logs.ts';

/** A container named `<environment> <service> <release>`, with the times of its lines. */
interface Printed {
  readonly name: string;
  readonly at: readonly number[];
}

function engineOf(containers: readonly Printed[]): Pick<Engine, 'list' | 'logs'> {
  const toContainer = ({ name }: Printed): Container => {
    const [environment = '', service = '', release = ''] = name.split(' ');
    const labels = { [LABELS.environment]: environment, [LABELS.service]: service, [LABELS.release]: release, [LABELS.replica]: '1' };
    return { id: name, name, image: '', labels, address: undefined, state: { kind: 'running', pid: 1, since: 0 } };
  };
  return {
    list: async () => containers.map(toContainer),
    async *logs(name, { follow, tail, signal }): AsyncGenerator<LogLine, void, void> {
      const lines = (containers.find((each) => each.name === name)?.at ?? []).map((at): LogLine => ({
        at,
        stream: 'stdout',
        text: `${name} ${at}`,
      }));
      yield* lines.slice(Math.max(0, lines.length - (tail ?? lines.length)));
      if (follow) await sleep(60_000, signal);
    },
  };
}

async function read(containers: readonly Printed[], service?: string, tail?: number): Promise<readonly string[]> {
  const texts: string[] = [];
  const emit = async ({ text }: LogEvent): Promise<void> => void texts.push(text);
  const { signal } = new AbortController();
  const count = await streamLogs(engineOf(containers), { environment: 'dev', service, follow: false, tail, emit, signal });
  assert.equal(count, texts.length);
  return texts;
}

const ALL: readonly Printed[] = [
  { name: 'dev web r1', at: [1, 4] },
  { name: 'dev web r2', at: [2, 6] },
  { name: 'dev api r1', at: [3, 5] },
  { name: 'stg web r1', at: [0, 7] },
];

test('streamLogs: an environment’s containers side by side, in the order of time, and no other environment’s', async () => {
  assert.deepEqual(await read(ALL), ['dev web r1 1', 'dev web r2 2', 'dev api r1 3', 'dev web r1 4', 'dev api r1 5', 'dev web r2 6']);
  assert.deepEqual(await read(ALL, 'api'), ['dev api r1 3', 'dev api r1 5']);
  assert.deepEqual(await read(ALL, 'nobody'), []);
});

test('streamLogs: tail is of all together, not of each', async () => {
  assert.deepEqual(await read(ALL, undefined, 2), ['dev api r1 5', 'dev web r2 6']);
  assert.deepEqual(await read(ALL, undefined, 0), []);
});

test('streamLogs: follow goes on until the signal, hears what a rollout brings meanwhile, and tells of nothing twice', async () => {
  const containers: Printed[] = [ALL[0] ?? assert.fail()];
  const over = new AbortController();
  const events: LogEvent[] = [];
  const emit = async (event: LogEvent): Promise<void> => {
    events.push(event);
    if (event.release === 'r1' && containers.length === 1) containers.push({ name: 'dev web r2', at: [2] });
    if (event.release === 'r2') over.abort();
  };
  const count = await streamLogs(engineOf(containers), {
    environment: 'dev',
    service: 'web',
    follow: true,
    tail: undefined,
    emit,
    signal: over.signal,
  });
  assert.deepEqual(
    events.map(({ text }) => text),
    ['dev web r1 1', 'dev web r1 4', 'dev web r2 2'],
  );
  assert.equal(count, 3);
  assert.deepEqual(
    [events[0]?.environment, events[0]?.service, events[0]?.release, events[0]?.replica, events[0]?.time],
    ['dev', 'web', 'r1', '1', '1970-01-01T00:00:00.001Z'],
  );
});
