/** A process that does nothing, beside the watched one: how long its event loop stands still is the machine's own doing. */

import process from 'node:process';

import { measureStalls } from './stalls.ts';

process.stdout.write(`${JSON.stringify(await measureStalls(Number(process.argv[2])))}\n`);
