/** instance.json: opens the instance of a home, or makes it, with its claims in the machine ledger. */

import { mkdir, readFile } from 'node:fs/promises';

import type { Clock } from '../kit/clock.ts';
import { isoTime, systemClock } from '../kit/clock.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { reserve } from './ledger-plan.ts';
import { lockLedger, readLedger, type LedgerOptions } from './ledger.ts';
import { instanceId, pathsOf, realHome } from './paths.ts';
import { chooseBlock, chooseIdBlock, choosePort, IDS_PER_INSTANCE, type HostRoute, type IdLine } from './plan-blocks.ts';
import type { Instance, Ledger, Reservation } from './types.ts';

const REGISTRY_PORT = 30_500;

/** What a new instance must keep clear of, read from the machine. */
export interface Surroundings {
  readonly routes: readonly HostRoute[];
  readonly idLines: readonly IdLine[];
  readonly listening: ReadonlySet<number>;
}

export interface CreateOptions {
  readonly portOffset: number;
  readonly operators: readonly string[];
  readonly surroundings: Surroundings;
  readonly ledger: LedgerOptions;
  readonly clock?: Clock;
}

/** Throws `instance/absent`, `instance/home-too-long`. */
export async function openInstance(home: string): Promise<Instance> {
  const real = realHome(home);
  const found = await readInstance(real);
  if (found === undefined) throw new AntlerError('instance/absent', `Cannot open the instance as there is none at ${real}`);
  return found;
}

/** Undefined where the home has none, or one that was never finished. */
export async function readInstance(realPath: string): Promise<Instance | undefined> {
  let text: string;
  try {
    text = await readFile(pathsOf(realPath).record, 'utf8');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    const read = JSON.parse(text) as Instance;
    return { ...read, id: instanceId(realPath), home: realPath }; // the path decides, also after a move
  } catch {
    return undefined;
  }
}

/**
 * Opens the instance of the home; where there is none, chooses its block of addresses, its host ids and its registry port,
 * claims them, and writes instance.json last. Claims of an earlier half-made instance at the same home are found again.
 */
export async function createInstance(home: string, options: CreateOptions): Promise<Instance> {
  const real = realHome(home);
  const found = await readInstance(real);
  if (found !== undefined) {
    const operators = [...new Set([...found.operators, ...options.operators])].sort();
    return operators.length === found.operators.length ? found : await write({ ...found, operators });
  }
  await using ledger = await lockLedger(options.ledger);
  const chosen = chooseInstance(real, options, ledger.state);
  const owner = { id: chosen.id, home: real };
  await ledger.save(reservations(chosen).reduce((next, what) => reserve(next, owner, what), ledger.state));
  return await write(chosen);
}

/** What `createInstance` would make now; claims nothing. */
export async function imagineInstance(home: string, options: CreateOptions): Promise<Instance> {
  const real = realHome(home);
  return (await readInstance(real)) ?? chooseInstance(real, options, await readLedger(options.ledger.directory));
}

function chooseInstance(home: string, options: CreateOptions, ledger: Ledger): Instance {
  const id = instanceId(home);
  const mine = Object.values(ledger.entries)
    .filter((entry) => entry.users.includes(id))
    .flatMap((entry) => (entry.kind === 'reservation' ? [entry.what] : []));
  const { routes, idLines, listening } = options.surroundings;
  return {
    id,
    home,
    portOffset: options.portOffset,
    block: only(mine, 'address-block')?.block ?? chooseBlock(id, routes, ledger),
    idBase: only(mine, 'id-block')?.start ?? chooseIdBlock(ledger, idLines),
    registryPort: only(mine, 'port')?.port ?? choosePort(REGISTRY_PORT + options.portOffset, ledger, listening),
    operators: [...new Set(options.operators)].sort(),
    createdAt: isoTime((options.clock ?? systemClock).now()),
  };
}

/** What an instance keeps for itself as long as its home is there. */
export function reservations(instance: Pick<Instance, 'block' | 'idBase' | 'registryPort'>): readonly Reservation[] {
  return [
    { kind: 'address-block', block: instance.block },
    { kind: 'id-block', start: instance.idBase, count: IDS_PER_INSTANCE },
    { kind: 'port', port: instance.registryPort },
  ];
}

function only<K extends Reservation['kind']>(all: readonly Reservation[], kind: K): Extract<Reservation, { kind: K }> | undefined {
  return all.find((what): what is Extract<Reservation, { kind: K }> => what.kind === kind);
}

async function write(instance: Instance): Promise<Instance> {
  await mkdir(instance.home, { recursive: true, mode: 0o711 });
  await writeFileAtomic(pathsOf(instance.home).record, `${JSON.stringify(instance, null, 2)}\n`);
  return instance;
}
