/** What is watched: as many addresses as one likes, all answered by this process of its own. `node targets.ts` prints its port. */

import { createServer } from 'node:http';
import process from 'node:process';

const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('well\n'));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
