/** `monitors`, `alerts`, `console`: what is watched outside, who is told, and who may look. Operators' alone: a push never changes them. */

import { isIP } from 'node:net';

import { z } from 'zod';

import { anyText, argv, duration, name, whole } from './values.ts';

/** Of the console, before the instance's offset. */
export const CONSOLE_PORT = 7700;

const every = {
  interval: duration('5s', '1h').default('20s').describe('Time between two looks.'),
  timeout: duration('100ms', '1m').default('5s').describe('How long one look may take.'),
};

const PLACE = 'a host and a port, e.g. db.example.org:5432';

function place(): z.ZodString {
  return z
    .string({ error: PLACE })
    .max(260, { error: PLACE })
    .regex(/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, { error: PLACE })
    .refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, { error: PLACE })
    .meta({ allowed: PLACE });
}

function url(): z.ZodString {
  const error = 'a URL that begins with http:// or https://, e.g. https://example.org/health';
  return z
    .string({ error })
    .max(2000, { error })
    .refine((value) => /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value), { error })
    .meta({ allowed: error });
}

function header(): z.ZodRecord<z.ZodString, z.ZodString> {
  const error = 'an object of header names and values, e.g. { authorization: "Bearer …" }';
  const key = z.string({ error }).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, { error });
  const value = z
    .string({ error })
    .max(4000, { error })
    // oxlint-disable-next-line no-control-regex -- a line's end would begin another header
    .regex(/^[^\u0000-\u0008\u000A-\u001F\u007F]*$/, { error });
  return z.record(key, value, { error }).meta({ allowed: error });
}

function statusCodes(): z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> {
  const error = 'a status, e.g. 200, or a range, e.g. "200-399"';
  const text = z.string({ error }).regex(/^[1-5]\d\d-[1-5]\d\d$/, { error });
  return z.union([whole(100, 599), text], { error }).meta({ allowed: error });
}

function resolver(): z.ZodString {
  const error = 'the IP address of a DNS server, e.g. 9.9.9.9';
  return z
    .string({ error })
    .refine((value) => isIP(value) !== 0, { error })
    .meta({ allowed: error });
}

const KINDS = 'one of { http: "https://…" }, { tcp: "host:port" }, { tls: "host:443" }, { dns: "example.org" }';

const monitor = z.union(
  [
    z.strictObject({
      http: url().describe('What is asked, with GET.'),
      status: z
        .array(statusCodes(), { error: 'a list of statuses and ranges, e.g. [200, "300-399"]' })
        .min(1, { error: 'a list of statuses and ranges, e.g. [200, "300-399"]' })
        .max(20, { error: 'at most 20' })
        .default(['200-399'])
        .describe('What it may answer.'),
      body: anyText(1000).optional().describe('Text that the answer holds.'),
      json: z
        .record(anyText(200), z.union([anyText(1000), z.number(), z.boolean()]), {
          error: 'an object of JSON paths and values, e.g. { "$.status": "ok" }',
        })
        .optional()
        .describe('What the answer holds at a JSON path (RFC 9535), e.g. `{ "$.status": "ok" }`.'),
      headers: header().default({}).describe('Sent with the question.'),
      late: duration('10ms', '1m').optional().describe('A slower answer makes it `degraded`; half of `timeout` unless said.'),
      ...every,
    }),
    z.strictObject({ tcp: place().describe('Where somebody shall listen.'), ...every }),
    z.strictObject({
      tls: place().describe('Whose certificate is looked at.'),
      days: whole(1, 365).default(14).describe('Fewer days until it ends make it `degraded`.'),
      ...every,
      interval: duration('5s', '24h').default('1m').describe('Time between two looks.'),
    }),
    z.strictObject({
      dns: z
        .string({ error: 'a host name' })
        .regex(/^[A-Za-z0-9._-]{1,253}$/, { error: 'a host name' })
        .describe('The name that is looked up.'),
      type: z
        .enum(['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS'], { error: 'A, AAAA, CNAME, MX, TXT or NS' })
        .default('A')
        .describe('Kind of record.'),
      expect: anyText(255).optional().describe('One of the answers.'),
      server: resolver().optional().describe('Which server is asked; the machine’s own by default.'),
      ...every,
    }),
  ],
  { error: KINDS },
);

export const monitors = z
  .record(name(), monitor, { error: 'an object by name, e.g. { shop: { http: "https://shop.example.org/health" } }' })
  .default({})
  .describe('What is watched outside of the app, by name. The app’s own services are watched without a word here.');

const webhook = z.strictObject(
  {
    url: url().optional().describe('Where it is posted to. Either this or `secret`.'),
    secret: z
      .string({ error: 'the name of a secret, e.g. CHAT_WEBHOOK' })
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'the name of a secret, e.g. CHAT_WEBHOOK' })
      .optional()
      .describe('A secret of the repository (`antler secrets set`) that holds the URL.'),
    headers: header().default({}).describe('Sent with it.'),
    body: anyText(10_000)
      .optional()
      .describe(
        'Template of the JSON body: `{{title}}`, `{{state}}`, `{{severity}}`, `{{environment}}`, `{{release}}`, `{{reason}}`, `{{subjects}}`, `{{since}}`, `{{url}}`, `{{id}}` stand for text that is escaped for JSON. Unset: an object of all of them.',
      ),
  },
  { error: 'an object, e.g. { url: "https://chat.example.org/hook" }' },
);

export const alerts = z
  .strictObject(
    {
      webhooks: z.record(name(), webhook, { error: 'an object by name' }).default({}).describe('Web addresses that are told, by name.'),
      commands: z
        .record(name(), argv(), { error: 'an object by name, e.g. { sms: ["/usr/local/bin/sms", "{{title}}"] }' })
        .default({})
        .describe(
          'Programs that are started, by name: as the account `nobody`, without a shell, with `{{…}}` filled into their arguments, and the whole as JSON on standard input.',
        ),
      repeat: duration('5m', '7d').optional().describe('Told again after so long while nobody has acknowledged it.'),
    },
    { error: 'an object, e.g. { webhooks: { chat: { url: "https://…" } } }' },
  )
  .default({ webhooks: {}, commands: {} })
  .describe('Who is told when an incident opens and closes.');

export const consoleDoor = z
  .strictObject(
    {
      port: whole(1, 65_535).default(CONSOLE_PORT).describe('Port of the console.'),
      listen: z
        .enum(['loopback', 'lan'], { error: '"loopback" or "lan"' })
        .default('loopback')
        .describe('`lan`: every address of the machine. Signing in is asked of everybody.'),
    },
    { error: 'an object, e.g. { listen: "lan" }' },
  )
  .default({ port: CONSOLE_PORT, listen: 'loopback' })
  .describe('The web console.');
