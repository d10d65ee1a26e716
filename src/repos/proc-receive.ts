/** git's proc-receive hook: stores what is pushed to `refs/for/BASE/TOPIC` as a pull request. Runs as a process of its own, started by hooks/proc-receive. */

import process from 'node:process';

import { AntlerError } from '../kit/errors.ts';
import { git } from './git.ts';
import { isAncestor } from './history.ts';
import { ZERO } from './names.ts';
import { FLUSH, packet, parsePackets, type Packet } from './pkt-line.ts';
import { parseWish, pullRef, storePull, topicOf } from './pulls.ts';

const { signal } = new AbortController();

/** One list of packets at a time, up to its flush. */
async function* lists(input: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let bytes = Buffer.alloc(0);
  let list: string[] = [];
  for await (const chunk of input) {
    const parsed: { packets: readonly Packet[]; rest: Buffer } = parsePackets(Buffer.concat([bytes, chunk]));
    bytes = Buffer.from(parsed.rest);
    for (const each of parsed.packets) {
      if (each.kind === 'data') list.push(each.text);
      else {
        yield list;
        list = [];
      }
    }
  }
}

function answer(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => packet(line)).join('') + FLUSH);
}

async function branchesOf(path: string): Promise<ReadonlySet<string>> {
  const { stdout } = await git(path, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/'], { signal });
  return new Set(stdout.split('\n').filter((name) => name !== ''));
}

/** The lines that tell git of one command's end. */
async function store(path: string, command: string, otherwise: string): Promise<readonly string[]> {
  const [, sha = '', ref = ''] = /^(?:[0-9a-f]+) ([0-9a-f]+) (.*)$/.exec(command) ?? [];
  if (sha === ZERO) return [`ng ${ref} a pull request is not deleted by a push`];
  const branches = await branchesOf(path);
  const wish = parseWish(ref, branches, otherwise);
  if (wish === undefined) return [`ng ${ref} no branch of this name is there to be merged into`];
  const { exitCode } = await git(path, ['rev-parse', '--verify', '--quiet', `${sha}^{commit}`], { signal, accept: [1, 128] });
  if (exitCode !== 0) return [`ng ${ref} a pull request is made of commits`];
  const { number, before } = await storePull(path, { ...wish, sha }, signal);
  const forced = before !== undefined && !(await isAncestor(path, [before, sha], signal));
  process.stderr.write(
    `pull request ${number}: ${wish.topic} into ${wish.base}${before === undefined ? '' : before === sha ? ', as it was' : ', new commits'}\n`,
  );
  return [
    `ok ${ref}`,
    `option refname ${pullRef(number)}`,
    ...(before === undefined ? [] : [`option old-oid ${before}`]),
    `option new-oid ${sha}`,
    ...(forced ? ['option forced-update'] : []),
  ];
}

function failed(command: string, error: unknown): readonly string[] {
  const words = error instanceof AntlerError ? (error.lines.at(-1) ?? error.message) : String(error);
  return [`ng ${command.split(' ').slice(2).join(' ')} ${words.replaceAll('\n', ' ')}`];
}

async function main(): Promise<void> {
  const path = process.env['ANTLER_REPOSITORY'] ?? '';
  const actor = process.env['ANTLER_ACTOR'] ?? '';
  const coming = lists(process.stdin);
  const next = async (): Promise<readonly string[]> => ((await coming.next()).value as readonly string[] | undefined) ?? [];
  const features = (await next())[0]?.split('\0')[1]?.split(' ') ?? [];
  const options = features.includes('push-options');
  answer([`version=1\0${options ? 'push-options' : ''}`]);
  const commands = await next();
  const otherwise = topicOf(options ? await next() : [], actor);
  const results: string[] = [];
  for (const command of commands)
    results.push(...(await store(path, command, otherwise).catch((error: unknown) => failed(command, error))));
  answer(results);
}

await main();
