/** What a Dockerfile and its sources tell about port and health. Pure: each guess says where it comes from. */

import { DockerfileParser } from 'dockerfile-ast';

import type { Found } from './find.ts';

export interface Guess<T> {
  readonly value: T;
  /** For the comment in the config. */
  readonly why: string;
}

/** Images of the last stage that listen on a port of their own. */
const IMAGE_PORTS: readonly (readonly [RegExp, number])[] = [
  [/nginx-unprivileged/, 8080],
  [/(?:^|\/)(?:nginx|httpd|caddy|php)(?::|$|@)/, 80],
  [/(?:^|\/)node(?::|$|@)/, 3000],
  [/(?:^|\/)(?:tomcat|jetty|openjdk|eclipse-temurin|golang)(?::|$|@)/, 8080],
];

const PROGRAM_PORTS: readonly (readonly [RegExp, number, string])[] = [
  [/\bgunicorn\b|\buvicorn\b|\bfastapi\b|\bdjango\b/i, 8000, 'the default of its server'],
  [/\bflask\b/i, 5000, 'Flask’s default'],
];

const HEALTH_PATHS = ['/healthz', '/readyz', '/health', '/livez', '/ping', '/up'];

/** The images of all stages that come from a registry, `ARG` defaults filled in. */
export function publicImages(text: string): readonly string[] {
  const parsed = DockerfileParser.parse(text);
  const stages = parsed.getFROMs().flatMap((from) => from.getBuildStage()?.toLowerCase() ?? []);
  const args = new Map(parsed.getInitialARGs().map((arg) => [arg.getProperty()?.getName() ?? '', arg.getProperty()?.getValue() ?? '']));
  const images = parsed
    .getFROMs()
    .map((from) => (from.getImage() ?? '').replaceAll(/\$\{?(\w+)\}?/g, (_all, key: string) => args.get(key) ?? ''));
  return images.filter((image) => image !== '' && image !== 'scratch' && !stages.includes(image.toLowerCase()));
}

export function guessPort(found: Found): Guess<number> {
  const parsed = DockerfileParser.parse(found.text);
  const last = parsed.getInstructions().map((instruction) => `${instruction.getKeyword()} ${instruction.getArgumentsContent() ?? ''}`);
  const stage = last.slice(last.findLastIndex((line) => line.startsWith('FROM ')));
  const exposed = stage
    .filter((line) => line.startsWith('EXPOSE '))
    .flatMap((line) => [...line.matchAll(/\b(\d{1,5})(?:\/tcp)?(?=\s|$)/g)].map(([, port]) => Number(port)));
  if (exposed[0] !== undefined) return { value: exposed[0], why: `EXPOSE in ${found.dockerfile}` };
  const set = match(stage, /^ENV .*?\b(?:PORT|FLASK_RUN_PORT)[= ]["']?(\d{2,5})/);
  if (set !== undefined) return { value: set, why: `ENV PORT in ${found.dockerfile}` };
  const started = match(
    stage.filter((line) => /^(?:CMD|ENTRYPOINT) /.test(line)),
    /(?:--port|--bind|--listen|-p|-b|:|PORT=)["',=\s]*(?:[\d.]+:)?(\d{2,5})\b/,
  );
  if (started !== undefined) return { value: started, why: `the command in ${found.dockerfile}` };
  const written = match(
    found.sources,
    /(?:\bport\s*[:=]\s*|\.listen\(\s*|ListenAndServe\(\s*["'`][\w.]*:|\bPORT\b\s*(?:\?\?|\|\||,)\s*["']?)(\d{2,5})\b/i,
  );
  if (written !== undefined) return { value: written, why: 'the source' };
  const all = `${found.text}\n${found.requirements}`;
  const program = PROGRAM_PORTS.find(([pattern]) => pattern.test(all));
  if (program !== undefined) return { value: program[1], why: program[2] };
  const image = publicImages(found.text).at(-1) ?? '';
  const known = IMAGE_PORTS.find(([pattern]) => pattern.test(image));
  return known === undefined ? { value: 8080, why: 'a guess: nothing tells it' } : { value: known[1], why: `the default of ${image}` };
}

export function guessHealth(found: Found): Guess<string> {
  const probe = /HEALTHCHECK[\s\S]*?https?:\/\/[^/\s"']+(\/[\w./-]*)/.exec(found.text)?.[1];
  if (probe !== undefined) return { value: probe, why: `HEALTHCHECK in ${found.dockerfile}` };
  const routes = found.sources.flatMap((source) =>
    [...source.matchAll(/(?:route|get|handle(?:func)?|path|location)\s*\(?\s*[=\s]*["'`]?(?:GET )?(\/[\w./-]*)["'`\s{]/gi)].map(
      ([, path = '']) => path,
    ),
  );
  const known = HEALTH_PATHS.find((path) => routes.includes(path));
  if (known !== undefined) return { value: known, why: 'the source' };
  const [first] = routes;
  return routes.length === 0 || routes.includes('/') || first === undefined
    ? { value: '/', why: 'the usual' }
    : { value: first, why: 'the first route in the source' };
}

/** How much it looks like what a browser should see first. */
export function frontness(found: Found, name: string): number {
  const named = ['frontend', 'front', 'web', 'www', 'ui', 'site', 'client', 'gateway', 'proxy', 'app'].findIndex((word) =>
    name.split('-').includes(word),
  );
  const serves = publicImages(found.text).some((image) => /(?:^|\/)(?:nginx|httpd|caddy)/.test(image));
  return (named === -1 ? 0 : 20 - named) + (serves ? 5 : 0);
}

function match(texts: readonly string[], pattern: RegExp): number | undefined {
  for (const text of texts) {
    const port = Number(pattern.exec(text)?.[1]);
    if (port > 0 && port < 65_536) return port;
  }
  return undefined;
}
