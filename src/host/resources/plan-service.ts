/** What a supervised service lacks: its definition, or its process. */

import { AntlerError } from '../../kit/errors.ts';
import { serviceFiles } from '../supervisor/supervisor.ts';
import type { Change, Facts, ServiceFact, ServiceResource, SupervisorPlace } from '../types.ts';

export function planService(resource: ServiceResource, facts: Facts): Change | undefined {
  if (facts.place === null) throw new AntlerError('internal/bug', `Cannot plan ${resource.name} as no place for services was given`);
  const wanted = serviceFiles(resource, facts.place);
  const fact = facts.services[resource.name] ?? { files: {}, enabled: false, running: false };
  if (fact.foreign !== undefined) {
    throw new AntlerError('host/apply-failed', `Cannot define the service ${resource.name} as there is one of this name: ${fact.foreign}`, {
      hint: 'Give it another name under `machine.resources` in antler.config.ts',
    });
  }
  if (Object.keys(fact.files).length === 0) {
    const text = `${resource.mode === 'demand' ? 'define' : 'start'} ${resource.name}`;
    return { resource, action: 'create', text, detail: [`${resource.description}: ${resource.command[0] ?? ''}`] };
  }
  const changed = differing(fact.files, wanted);
  if (changed.length > 0 || fact.enabled !== (resource.mode !== 'demand')) {
    // the environment may hold what is nobody's business: which files, not what is in them
    const detail = changed.length > 0 ? changed.map((path) => `${path} differs`) : ['not started at boot'];
    return { resource, action: 'update', text: `redefine ${resource.name}`, detail };
  }
  if (resource.mode !== 'demand' && !fact.running) {
    return { resource, action: 'update', text: `start ${resource.name}`, detail: ['it does not run'] };
  }
  return undefined;
}

/** Does the definition on the machine differ from the wanted one? */
export function definitionDiffers(resource: ServiceResource, fact: ServiceFact, place: SupervisorPlace): boolean {
  return differing(fact.files, serviceFiles(resource, place)).length > 0;
}

function differing(have: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): readonly string[] {
  const paths = new Set([...Object.keys(have), ...Object.keys(wanted)]);
  return [...paths].filter((path) => have[path] !== wanted[path]).toSorted();
}
