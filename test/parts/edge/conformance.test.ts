/** The conformance suite on a real HAProxy. */

import { edgeConformance } from '../../conformance/edge.ts';
import { createAddresses, createBench, freePort, routeFor, startApp } from './bench.ts';

edgeConformance('haproxy', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t);
  const port = await freePort();
  let last = 10;
  return {
    edge,
    start,
    route: routeFor({ address: address(1), port, stopFirst: true }),
    server: async (name, ready) => {
      const app = await startApp(t, { name, address: address(++last), port, readyAfterMs: ready ? 0 : 60_000 });
      return app.server;
    },
  };
});
