/** Which images a Dockerfile stands on. Pure. */

import { DockerfileParser } from 'dockerfile-ast';

/** A FROM as it is written, and the image that it means. */
export interface From {
  readonly written: string;
  /** With build arguments filled in; undefined where one is not known. */
  readonly image: string | undefined;
}

/** External images of all stages, in order: `scratch` and earlier stages are none. */
export function externalImages(dockerfile: string, args: Readonly<Record<string, string>>): readonly From[] {
  const parsed = DockerfileParser.parse(dockerfile);
  const values: Record<string, string | undefined> = {};
  for (const arg of parsed.getInitialARGs()) {
    const property = arg.getProperty();
    if (property === null) continue;
    values[property.getName()] = args[property.getName()] ?? property.getValue() ?? undefined;
  }
  const stages = new Set<string>();
  const found: From[] = [];
  for (const from of parsed.getFROMs()) {
    const written = from.getImage();
    if (written !== null && written !== 'scratch' && !stages.has(written.toLowerCase())) {
      found.push({ written, image: substitute(written, values) });
    }
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage.toLowerCase());
  }
  return found.filter((from) => from.image === undefined || !stages.has(from.image.toLowerCase()));
}

export interface Rewrite {
  /** Put behind each FROM, wherever the instruction ends. */
  readonly line: string;
  /** Image as it is written in a FROM → what stands there instead. */
  readonly images: Readonly<Record<string, string>>;
}

/** The Dockerfile as the builder gets it; everything that is not a FROM stays as it is. */
export function rewriteFroms(dockerfile: string, rewrite: Rewrite): string {
  const lines = dockerfile.split('\n');
  for (const from of DockerfileParser.parse(dockerfile).getFROMs().toReversed()) {
    lines.splice(from.getRange().end.line + 1, 0, rewrite.line);
    const image = from.getImageRange();
    const instead = rewrite.images[from.getImage() ?? ''];
    if (image === null || instead === undefined) continue;
    const text = lines[image.start.line] ?? '';
    lines[image.start.line] = text.slice(0, image.start.character) + instead + text.slice(image.end.character);
  }
  return lines.join('\n');
}

/** `python:3.12` → `docker.io/library/python:3.12`, as every engine reads it; digests stay. */
export function normalImage(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const hasHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  let name = image;
  if (!hasHost) name = rest.length === 0 ? `docker.io/library/${image}` : `docker.io/${image}`;
  const last = name.slice(name.lastIndexOf('/'));
  return last.includes(':') || last.includes('@') ? name : `${name}:latest`;
}

/** Host of the registry that is asked for a normal image name. */
export function registryHost(normal: string): string {
  const host = normal.slice(0, normal.indexOf('/'));
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

/** `$A`, `${A}`, `${A:-b}` and `${A:+b}`; undefined where a variable has no value. */
function substitute(text: string, values: Readonly<Record<string, string | undefined>>): string | undefined {
  const pieces: string[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g)) {
    const [all, bare, braced, how, other = ''] = match;
    const value = values[bare ?? braced ?? ''];
    const filled = how === undefined ? value : withDefault(value, how, other);
    if (filled === undefined) return undefined;
    pieces.push(text.slice(end, match.index), filled);
    end = match.index + all.length;
  }
  const result = pieces.join('') + text.slice(end);
  return result === '' ? undefined : result;
}

function withDefault(value: string | undefined, how: string, other: string): string {
  const set = value !== undefined && value !== '';
  if (how === '-') return set ? value : other;
  return set ? other : '';
}
