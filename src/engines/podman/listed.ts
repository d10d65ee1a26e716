/** An item of Podman's list as a Container: pure. */

import { LABELS } from '../labels.ts';
import type { Container, ContainerState, ExitReason } from '../types.ts';
import type { Listed } from './wire.ts';

export interface ListedContext {
  /** Does a process of this id exist? Podman goes on saying "running" until it has cleaned up: for a moment, or for ever after an unclean stop. */
  readonly alive: (pid: number) => boolean;
  /** How it ended, as far as is known beside what Podman says. */
  readonly end: (item: Listed) => { readonly exitCode: number; readonly reason: ExitReason; readonly at: number };
}

export function toContainer(item: Listed, context: ListedContext): Container {
  return {
    id: item.Id,
    name: item.Names[0] ?? item.Id,
    image: item.Image,
    labels: item.Labels,
    address: item.Labels[LABELS.address],
    state: stateOf(item, context),
  };
}

function stateOf(item: Listed, context: ListedContext): ContainerState {
  switch (item.State) {
    case 'running':
    case 'paused':
    case 'stopping':
      if (item.Pid > 0 && context.alive(item.Pid)) return { kind: 'running', pid: item.Pid, since: item.StartedAt * 1000 };
      return { kind: 'exited', ...context.end(item) };
    case 'exited':
    case 'stopped':
      return { kind: 'exited', ...context.end(item) };
    case 'removing':
      return { kind: 'removing' };
    default: // created, configured, initialized: Podman's versions differ in the word
      return { kind: 'created' };
  }
}
