/** Who may reach an environment's port where the config does not say: everybody, but on a public machine the last environment only. */

import type { EnvironmentSpec } from '../config/types.ts';

export interface ListenOptions {
  readonly environment: EnvironmentSpec;
  /** Is it the last of the config? */
  readonly last: boolean;
  /** Has the machine an address that the whole internet reaches? */
  readonly public: boolean;
}

export function decideListen(options: ListenOptions): EnvironmentSpec['listen'] & string {
  if (options.environment.listen !== undefined) return options.environment.listen;
  return options.public && !options.last ? 'loopback' : 'any';
}

/** Networks that the internet does not route (IANA special registry), as first and last address. */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/**
 * Public IPv4 only: at home every board has a global IPv6 address behind the router's firewall, and `any` is what people want there.
 * A machine that has no IPv4 address but a global IPv6 one is a rented server.
 */
export function isPublicMachine(addresses: readonly string[]): boolean {
  const four = addresses.filter((address) => address.includes('.') && !address.includes(':'));
  const reachable = four.filter((address) => !address.startsWith('127.'));
  if (reachable.length > 0) return reachable.some((address) => !NOT_PUBLIC.some(([network, bits]) => inSubnet(address, { network, bits })));
  return addresses.some((address) => /^[23][0-9a-f]{3}:/i.test(address));
}

function inSubnet(address: string, subnet: { readonly network: string; readonly bits: number }): boolean {
  const shift = 2 ** (32 - subnet.bits);
  return Math.floor(toNumber(address) / shift) === Math.floor(toNumber(subnet.network) / shift);
}

/** 10.0.0.1 → 167772161. */
export function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
