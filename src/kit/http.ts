/** Node's HTTP, taken without what it drags along. */

import process from 'node:process';

/** An import of `node:http` evaluates every export, and with `http.WebSocket` all of Node's undici: 11 MB, and 80 of the 100 ms that a command takes. */
export const { Agent, request } = process.getBuiltinModule('node:http');
