/** A second process that builds, for a test that kills it: `node victim.ts HOME INSTANCE REGISTRY CONTEXT`. */

import process from 'node:process';

import { createImages } from '../../../src/images/images.ts';
import { optionsFor } from './bench.ts';

const [home = '', instance = '', registry = '', context = ''] = process.argv.slice(2);
const images = createImages(optionsFor({ home, instance, registry }));
await images.build(
  {
    app: 'bench',
    service: 'victim',
    tag: 'r1',
    directory: `${home}/apps`,
    build: { context, dockerfile: 'Dockerfile', args: {} },
    labels: {},
  },
  { signal: new AbortController().signal, onLine: (line) => process.stdout.write(`${line}\n`) },
);
