/** The processes of an instance, siblings under the machine's supervisor: none is the daemon's child. Pure. */

import type { ServiceResource } from '../host/types.ts';
import { pathsOf, serviceNames } from './paths.ts';
import { NODE_FLAGS, programPaths } from './program.ts';
import type { Instance } from './types.ts';

/** Command lines that other rooms know. */
export interface ServiceParts {
  readonly edge: { readonly command: readonly string[]; readonly ready: 'notify' | 'exec'; readonly openFiles: number };
  readonly registry: { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> };
  readonly engine: { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** Seconds that containers get at shutdown: PID 1 of most images ignores SIGTERM, and systemd would wait for ninety. */
const CONTAINERS_STOP = 5;

/** In the order in which they start. */
export function instanceServices(instance: Instance, parts: ServiceParts): readonly ServiceResource[] {
  const paths = pathsOf(instance.home);
  const names = serviceNames(instance.id);
  const program = programPaths(paths.program);
  const where = `Antler of ${instance.home}`;
  const service = (own: Pick<ServiceResource, 'name' | 'description' | 'command'> & Partial<ServiceResource>): ServiceResource => ({
    kind: 'service',
    env: {},
    user: 'root',
    before: [],
    mode: 'always',
    ready: 'exec',
    stopSeconds: 10,
    afterServices: [],
    ...own,
  });
  return [
    service({
      name: names.containers,
      description: `${where}: stops its containers when the machine goes down`,
      command: ['true', instance.home], // the home, as on every process of ours
      after: ['podman', 'stop', '--time', String(CONTAINERS_STOP), '--filter', `label=antler.instance=${instance.id}`],
      env: parts.engine.env,
      mode: 'once',
      stopSeconds: CONTAINERS_STOP + 15,
    }),
    service({
      name: names.engine,
      description: `${where}: container engine's socket, on demand`,
      command: parts.engine.command,
      env: parts.engine.env,
      mode: 'demand',
    }),
    service({ name: names.registry, description: `${where}: image registry`, ...parts.registry }),
    service({
      name: names.edge,
      description: `${where}: HAProxy in front of every request`,
      command: parts.edge.command,
      // after a reboot the kernel has forgotten both; a bad line must not keep the rest from coming back
      before: [
        ['ip', '-force', '-batch', paths.addresses],
        ['nft', '-f', paths.firewall],
      ],
      ready: parts.edge.ready,
      reload: ['kill', '-USR2', '$MAINPID'],
      openFiles: parts.edge.openFiles,
      onChange: 'keep',
    }),
    service({
      name: names.daemon,
      description: `${where}: daemon`,
      command: [program.node, ...NODE_FLAGS, program.daemon, '--home', instance.home],
      // Buffers of streams go back to the kernel; in the C library's heap (one for all threads) a build's leave holes that it keeps.
      env: { NODE_COMPILE_CACHE: program.cache, MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536' },
      stopSeconds: 20,
      afterServices: [names.containers], // stops before them, so that it does not start again what is being stopped
    }),
  ];
}
