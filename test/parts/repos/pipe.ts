/** What `remote.*.receivepack` names in the tests of the room: hands git’s stream to a socket, and nothing else. `leave`: is gone once all was sent; `cut`: after the first megabyte. */

import { connect } from 'node:net';
import process from 'node:process';

const [path = '', how] = process.argv.slice(2);
const socket = connect(path);
process.stdin.pipe(socket);
let sent = 0;
process.stdin.on('data', (chunk: Buffer) => {
  sent += chunk.length;
  if (how === 'cut' && sent > 1_000_000) process.exit(1);
});
if (how !== 'leave') socket.pipe(process.stdout);
else {
  // What git says before it begins is needed, what it says in the end is not heard.
  socket.on('data', (chunk) => void process.stdout.write(chunk));
  process.stdin.on('end', () => socket.end(() => process.exit(1)));
}
