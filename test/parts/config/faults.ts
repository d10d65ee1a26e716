/** Configs that misbehave, and what becomes of each. */

import type { Code } from '../../../src/kit/codes.ts';

export interface Fault {
  readonly title: string;
  /** Between the import of `defineConfig` (line 1) and the export. */
  readonly source: string;
  readonly code: Code;
  readonly message: RegExp;
  readonly at?: string;
}

export const FAULTS: readonly Fault[] = [
  {
    title: 'throws',
    source: "function deep(): never {\n  throw new Error('boom');\n}\ndeep();",
    code: 'config/threw',
    message: /boom/,
    at: 'antler.config.ts:3:9',
  },
  { title: 'throws later', source: "await Promise.reject(new Error('later'));", code: 'config/threw', message: /later/ },
  { title: 'throws text', source: "throw 'just text';", code: 'config/threw', message: /just text/ },
  { title: 'has a syntax error', source: 'const x: = 3;', code: 'config/threw', message: /SyntaxError/, at: 'antler.config.ts:2' },
  {
    title: 'imports what is not there',
    source: "import './gone.ts';",
    code: 'config/threw',
    message: /gone\.ts/,
    at: 'antler.config.ts:2',
  },
  {
    title: 'imports from above its folder',
    source: "import '../above.ts';",
    code: 'config/threw',
    message: /above\.ts/,
    at: 'antler.config.ts:2',
  },
  { title: 'ends the process', source: 'process.exit(0);', code: 'config/threw', message: /ended itself/ },
  { title: 'awaits for ever', source: 'await new Promise(() => {});', code: 'config/threw', message: /never comes/ },
  { title: 'loops for ever', source: 'for (;;);', code: 'config/timeout', message: /did not end in time/ },
  {
    title: 'eats memory on the heap',
    source: 'const all: unknown[] = [];\nfor (;;) all.push(new Array(1e5).fill(0).map((x) => ({ x })));',
    code: 'config/memory',
    message: /more memory than it may/,
  },
  {
    title: 'eats memory in buffers',
    source: 'const all: Buffer[] = [];\nfor (;;) all.push(Buffer.alloc(5e7, 1));',
    code: 'config/memory',
    message: /more memory than it may/,
  },
  {
    title: 'prints 100 MB',
    source: "for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000));",
    code: 'config/output',
    message: /printed or returned/,
  },
  {
    title: 'prints 10 MB at once',
    source: "process.stdout.write('x'.repeat(1e7));",
    code: 'config/output',
    message: /printed or returned/,
  },
  {
    title: 'reads /etc/shadow',
    source: "import { readFileSync } from 'node:fs';\nreadFileSync('/etc/shadow');",
    code: 'config/denied',
    message: /read \/etc\/shadow/,
    at: 'antler.config.ts:3:1',
  },
  {
    title: 'writes beside itself',
    source: "import { writeFileSync } from 'node:fs';\nwriteFileSync(new URL('x', import.meta.url), 'x');",
    code: 'config/denied',
    message: /write .*x/,
  },
  {
    title: 'opens a socket',
    source: "import net from 'node:net';\nnet.connect(80, '127.0.0.1');",
    code: 'config/denied',
    message: /node:net/,
    at: 'antler.config.ts:2',
  },
  { title: 'fetches', source: "await fetch('http://127.0.0.1/');", code: 'config/denied', message: /socket/, at: 'antler.config.ts:2:7' },
  {
    title: 'takes a module by the back door',
    source: "process.getBuiltinModule('node:net').connect(80, '127.0.0.1');",
    code: 'config/denied',
    message: /node:net/,
  },
  {
    title: 'signals its parent',
    source: 'process.kill(process.ppid);',
    code: 'config/denied',
    message: /signals/,
    at: 'antler.config.ts:2:9',
  },
  {
    title: 'starts a child',
    source: "import { execFileSync } from 'node:child_process';\nexecFileSync('id');",
    code: 'config/denied',
    message: /node:child_process/,
    at: 'antler.config.ts:2',
  },
  {
    title: 'starts a thread',
    source: "import { Worker } from 'node:worker_threads';\nnew Worker('1', { eval: true });",
    code: 'config/denied',
    message: /node:worker_threads/,
  },
];
