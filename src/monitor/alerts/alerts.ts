/** Tells people through the channels of the config: webhooks and commands, each with a queue of its own. */

import type { WatchSpec, WebhookSpec } from '../../config/types.ts';
import { AntlerError } from '../../kit/errors.ts';
import { runCommand } from './command.ts';
import { createQueue, type Queue } from './queue.ts';
import type { Alert, Delivery, Tested, Told } from './types.ts';
import { argvOf, bodyOf, objectOf } from './words.ts';
import { post } from './webhook.ts';

export interface AlertsOptions {
  /** As an operator took it over last. */
  readonly watch: () => Pick<WatchSpec, 'webhooks' | 'commands'> | undefined;
  /** A secret of the repository; undefined where there is none. */
  readonly secret: (name: string) => Promise<string | undefined>;
  /** Where people read of an incident; `''` where the console is not open. */
  readonly urlOf: (incident: number) => string;
  readonly waitsMs?: readonly number[];
  readonly webhookLimitMs?: number;
  readonly commandLimitMs?: number;
}

export interface Alerts {
  /** By name, webhooks first. */
  channels(): readonly string[];
  /** Returns at once. `only`: these channels. `onTold` after each try of each channel. */
  tell(alert: Alert, options: { readonly only?: readonly string[]; readonly onTold: (told: Told) => void }): void;
  /** Through every channel, or one, at once and without a second try. Throws `monitor/unknown-channel`. */
  test(channel: string | undefined, signal: AbortSignal): Promise<readonly Tested[]>;
  /** What is under way is cut off. */
  [Symbol.dispose](): void;
}

/** Some 50 minutes in all: a hook that is away for longer is not waited for. */
const WAITS_MS = [2000, 5000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 900_000];
const MOST_WAITING = 50;

export function createAlerts(options: AlertsOptions): Alerts {
  const { waitsMs = WAITS_MS, webhookLimitMs = 10_000, commandLimitMs = 30_000 } = options;
  const life = new AbortController();
  const queues = new Map<string, Queue>();
  const queueOf = (channel: string): Queue => {
    const found = queues.get(channel) ?? createQueue({ waitsMs, most: MOST_WAITING, signal: life.signal });
    queues.set(channel, found);
    return found;
  };
  const channels = (): readonly string[] => {
    const { webhooks, commands } = options.watch() ?? { webhooks: [], commands: [] };
    return [...webhooks, ...commands].map(({ name }) => name);
  };
  const addressOf = async ({ url, secret }: WebhookSpec): Promise<string | Delivery> => {
    if (secret === undefined) return url ?? '';
    const failed = (detail: string): Delivery => ({ ok: false, again: false, detail });
    try {
      const value = (await options.secret(secret))?.trim();
      if (value === undefined) return failed(`there is no secret ${secret}: type \`antler secrets set ${secret}\``);
      return /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? value : failed(`the secret ${secret} is no URL`);
    } catch (error) {
      return failed(`the secret ${secret} cannot be opened (${error instanceof AntlerError ? error.code : 'internal/bug'})`);
    }
  };
  const send = async (channel: string, alert: Alert, signal: AbortSignal): Promise<Delivery> => {
    const { webhooks = [], commands = [] } = options.watch() ?? {};
    const url = options.urlOf(alert.id);
    const command = commands.find(({ name }) => name === channel);
    if (command !== undefined) {
      return runCommand({ argv: argvOf(command.argv, alert, url), input: objectOf(alert, url), limitMs: commandLimitMs, signal });
    }
    const webhook = webhooks.find(({ name }) => name === channel);
    if (webhook === undefined) return { ok: false, again: false, detail: 'is not in the config any more' };
    const address = await addressOf(webhook);
    if (typeof address !== 'string') return address;
    const body = bodyOf(alert, { template: webhook.body, url });
    return post({ url: address, headers: webhook.headers, body, limitMs: webhookLimitMs, signal });
  };
  return {
    channels,
    tell(alert, { only, onTold }) {
      for (const channel of channels()) {
        if (only?.includes(channel) === false) continue;
        queueOf(channel).push({
          send: async () => send(channel, alert, life.signal),
          onTried: ({ ok, detail }, againMs) => onTold({ channel, ok, detail, againMs }),
        });
      }
    },
    async test(channel, signal) {
      const all = channels();
      if (channel !== undefined && !all.includes(channel)) throw unknownChannel(channel, all);
      const both = AbortSignal.any([signal, life.signal]);
      return Promise.all(
        all
          .filter((each) => channel === undefined || each === channel)
          .map(async (each): Promise<Tested> => {
            const begun = performance.now();
            const { ok, detail } = await send(each, { ...TEST, since: Date.now() }, both);
            return { channel: each, ok, detail, ms: Math.round(performance.now() - begun) };
          }),
      );
    },
    [Symbol.dispose]: () => life.abort(),
  };
}

const TEST: Omit<Alert, 'since'> = {
  id: 0,
  state: 'test',
  severity: 'down',
  title: 'This is a test: nothing is down',
  environment: '',
  release: '',
  reason: 'antler notify test',
  subjects: [],
};

function unknownChannel(channel: string, all: readonly string[]): AntlerError {
  const there = all.length === 0 ? 'the config has no `alerts`' : `there are ${all.join(', ')}`;
  return new AntlerError('monitor/unknown-channel', `Cannot tell ${JSON.stringify(channel)} as no channel has this name: ${there}`);
}
