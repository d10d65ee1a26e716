/** Starts the back end, and ends it in order when it is told to. */

import process from 'node:process';

import { readIdentity } from './identity.ts';
import { createServer } from './server.ts';

/** Under the platform's ten seconds to SIGKILL: what still hangs then is let go of by us, with a word. */
const LIMIT_MS = 8000;

const identity = readIdentity(process.env);
const server = createServer({ identity });

// As PID 1 nobody else handles these: without a listener the kernel would drop them.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    say(`${signal}: finishing what is in flight`);
    setTimeout(() => {
      say(`still not finished after ${LIMIT_MS} ms: leaving`);
      process.exit(1);
    }, LIMIT_MS).unref();
    void server.stop().then(() => say('all answered'));
  });
}

const port = Number(process.env.PORT ?? 5000);
await server.http.listen({ host: '0.0.0.0', port });
say(`${identity.environment} ${identity.release} (${identity.commit}) on port ${port}`);

function say(text: string): void {
  process.stdout.write(`moose-facts backend: ${text}\n`);
}
