/** Names that tie a replica's record, container and server together. */

import { AntlerError } from '../kit/errors.ts';
import type { ReplicaRow } from '../store/types.ts';

/** `r42` of 42. */
export function releaseId(number: number): string {
  return `r${number}`;
}

/** 42 of `r42`. Throws `releases/unknown-release`. */
export function releaseNumber(id: string): number {
  const match = /^r([1-9]\d{0,8})$/.exec(id);
  if (match === null)
    throw new AntlerError(
      'releases/unknown-release',
      `Cannot find a release as its id must look like r42: current value is ${JSON.stringify(id)}`,
    );
  return Number(match[1]);
}

/** The server's name in the edge: `<release>.<replica>.<generation>`, never reused. */
export function serverName(replica: ReplicaRow): string {
  return `${releaseId(replica.release)}.${replica.replica}.${replica.generation}`;
}

/** The container's name in the engine. */
export function containerName(prefix: string, replica: ReplicaRow): string {
  return `${prefix}-${replica.environment}-${replica.service}-${releaseId(replica.release)}-${replica.replica}-${replica.generation}`;
}

/** `a7` of 7, and back. */
export function approvalId(number: number): string {
  return `a${number}`;
}

export function approvalNumber(id: string): number {
  const match = /^a([1-9]\d{0,8})$/.exec(id);
  if (match === null)
    throw new AntlerError(
      'releases/unknown-approval',
      `Cannot find an approval as its id must look like a7: current value is ${JSON.stringify(id)}`,
    );
  return Number(match[1]);
}
