/** Which public images of a Dockerfile a base from Debian packages can stand for, where no public registry is in reach. Pure. */

import type { BaseConfig } from '../define.ts';
import type { Found } from './find.ts';
import { publicImages } from './guess.ts';

/** Python packages whose Debian name is not `python3-<name>`. */
const PYTHON: Readonly<Record<string, readonly string[]>> = {
  gunicorn: ['gunicorn', 'python3-gunicorn'],
  uvicorn: ['uvicorn', 'python3-uvicorn'],
  pyyaml: ['python3-yaml'],
  'python-dotenv': ['python3-dotenv'],
  'python-dateutil': ['python3-dateutil'],
  'psycopg2-binary': ['python3-psycopg2'],
  pillow: ['python3-pil'],
  beautifulsoup4: ['python3-bs4'],
  mysqlclient: ['python3-mysqldb'],
  'prometheus-client': ['python3-prometheus-client'],
};

/** Those that Debian 12 and 13 have as `python3-<name>`. */
const SAME_NAME = new Set(
  (
    'aiohttp attrs bcrypt boto3 bottle celery certifi cffi click cryptography django fastapi flask flask-cors flask-limiter flask-login flask-migrate ' +
    'flask-sqlalchemy greenlet httpx itsdangerous jinja2 jsonschema jwt lxml mako markdown markupsafe marshmallow numpy packaging pandas passlib ' +
    'peewee psutil psycopg2 pydantic pymongo pymysql pytest redis requests rich scipy simplejson six sqlalchemy starlette tornado typing-extensions ' +
    'urllib3 waitress websockets werkzeug wtforms'
  ).split(' '),
);

export interface StandIn {
  readonly name: string;
  readonly base: BaseConfig & { readonly standsFor: readonly string[] };
  /** What the base lacks, for people. */
  readonly notes: readonly string[];
}

export function standInsFor(found: Found): readonly StandIn[] {
  // Alpine's tools are not Debian's: a base cannot stand for an image whose package manager the Dockerfile calls.
  if (/\bapk\s+(?:add|update|upgrade)\b/.test(found.text)) return [];
  return [...new Set(publicImages(found.text))].flatMap((image) => standIn(image, found) ?? []);
}

function standIn(image: string, found: Found): StandIn | undefined {
  const standsFor = [normal(image)];
  const name = /^(?:docker\.io\/)?(?:library\/)?([a-z]+)(?::|$)/.exec(image)?.[1] ?? '';
  switch (name) {
    case 'python': {
      const { packages, missing, pinned } = debianPackages(found);
      const notes = [
        ...missing.map((one) => `${one} is not among the Debian packages that we know: pip has to fetch it`),
        ...pinned.map((one) => `${one} is pinned: where pip cannot reach its index, Debian's version cannot take its place`),
      ];
      return { name: 'python', base: { packages: ['python3', 'python3-pip', 'python-is-python3', ...packages], standsFor }, notes };
    }
    case 'node':
      return { name: 'js', base: { node: true, standsFor }, notes: [] };
    case 'debian':
      return { name: 'debian', base: { packages: [], standsFor }, notes: [] };
    case 'nginx': {
      // Debian's nginx serves other folders and starts otherwise: it can stand in only where the Dockerfile brings all of that.
      const whole = /\/etc\/nginx\/nginx\.conf/.test(found.text) && /^\s*(?:CMD|ENTRYPOINT)\b/im.test(found.text);
      return whole ? { name: 'web-server', base: { packages: ['nginx-light'], standsFor }, notes: [] } : undefined;
    }
    default:
      return undefined;
  }
}

interface DebianPackages {
  readonly packages: readonly string[];
  readonly missing: readonly string[];
  /** Debian has another version: satisfied only where pip reaches its index. */
  readonly pinned: readonly string[];
}

function debianPackages(found: Found): DebianPackages {
  const installed = [...found.text.matchAll(/pip3?\s+install\s+([^\n&|;\\]*)/g)].flatMap(([, words = '']) => words.split(/\s+/));
  const listed = found.requirements.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const names = [...listed, ...installed]
    .filter((word) => /^[A-Za-z]/.test(word) && !word.includes('/') && !word.endsWith('.txt'))
    .map((word) =>
      word
        .replace(/[[=<>~!;\s].*$/, '')
        .toLowerCase()
        .replaceAll(/[._]/g, '-'),
    );
  const unique = [...new Set(names)];
  return {
    pinned: [...listed, ...installed].filter((word) => /^[A-Za-z][\w.-]*(?:\[.*\])?==/.test(word)),
    packages: [...new Set(unique.flatMap((name) => PYTHON[name] ?? (SAME_NAME.has(name) ? [`python3-${name}`] : [])))],
    missing: unique.filter((name) => PYTHON[name] === undefined && !SAME_NAME.has(name)),
  };
}

function normal(image: string): string {
  const short = image.replace(/^(?:docker\.io\/)?(?:library\/)?/, '');
  return `docker.io/library/${short.includes(':') || short.includes('@') ? short : `${short}:latest`}`;
}

/** Bases of the same name become one that has what each needs. */
export function mergeStandIns(all: readonly StandIn[]): Readonly<Record<string, BaseConfig>> {
  const merged: Record<string, BaseConfig> = {};
  for (const { name, base } of all) {
    const before = merged[name];
    const packages = [...new Set([...(before?.packages ?? []), ...(base.packages ?? [])])];
    const standsFor = [...new Set([...(before?.standsFor ?? []), ...base.standsFor])];
    merged[name] = {
      ...(packages.length > 0 || base.node !== true ? { packages } : {}),
      ...(base.node === true ? { node: true } : {}),
      standsFor,
    };
  }
  return merged;
}
