/** What `remote.*.receivepack` names in the tests of the room: hands git’s stream to a socket, and nothing else. */

import { connect } from 'node:net';
import process from 'node:process';

const socket = connect(process.argv[2] ?? '');
process.stdin.pipe(socket);
socket.pipe(process.stdout);
