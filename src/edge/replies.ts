/** What HAProxy's sockets answer, parsed; pure. */

export interface StatRow {
  readonly proxy: string;
  /** Server name, `FRONTEND` or `BACKEND`. */
  readonly server: string;
  readonly sessions: number;
  /** `UP`, `DOWN 1/2`, `DRAIN`, `MAINT`, `no check`. */
  readonly status: string;
  /** `L7OK/200`, `L4CON`; empty where there is no check. `L7STS` without its code while the next check is under way: HAProxy has forgotten it by then. */
  readonly check: string;
  /** The text of the last check, e.g. `Connection refused`. */
  readonly lastCheck: string;
  /** Final responses by HAProxy's count: 2xx to 5xx and odd ones, and 101. */
  readonly responses: number;
}

export interface ServerRow {
  readonly backend: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly running: boolean;
  readonly drain: boolean;
  readonly maintenance: boolean;
}

export interface WorkerRow {
  readonly pid: number;
  readonly old: boolean;
}

export interface ProcessTable {
  readonly master: number | undefined;
  readonly failedReloads: number;
  readonly workers: readonly WorkerRow[];
}

/** `show stat`: CSV whose first line names the columns. */
export function parseStat(text: string): StatRow[] {
  const [head = '', ...rest] = text.split('\n');
  const columns = splitCsv(head.replace(/^#\s*/, ''));
  return rest
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const cells = splitCsv(line);
      const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
      const number = (name: string): number => Number(cell(name)) || 0;
      const result = cell('check_status').replace(/^\* /, '');
      return {
        proxy: cell('pxname'),
        server: cell('svname'),
        sessions: number('scur'),
        status: cell('status'),
        check: ['', '0'].includes(cell('check_code')) ? result : `${result}/${cell('check_code')}`,
        lastCheck: cell('last_chk') || cell('check_desc'),
        responses: ['hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'].reduce((sum, name) => sum + number(name), 0),
      };
    });
}

/** `show servers state`, version 1: columns are named in the second line. */
export function parseServersState(text: string): ServerRow[] {
  const lines = text.split('\n');
  const head = lines.find((line) => line.startsWith('#')) ?? '';
  const columns = head.replace(/^#\s*/, '').split(' ');
  return lines
    .filter((line) => line.includes(' ') && !line.startsWith('#'))
    .map((line) => {
      const cells = line.trim().split(' ');
      const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
      const admin = Number(cell('srv_admin_state'));
      return {
        backend: cell('be_name'),
        name: cell('srv_name'),
        address: cell('srv_addr'),
        port: Number(cell('srv_port')),
        weight: Number(cell('srv_uweight')),
        running: cell('srv_op_state') !== '0',
        // The bits of srv_admin_state: 1, 2, 4 and 0x20 are kinds of maintenance, 8 and 0x10 of drain.
        maintenance: (admin & 0x27) !== 0,
        drain: (admin & 0x18) !== 0,
      };
    });
}

/** `show proc` on the master's socket. */
export function parseProc(text: string): ProcessTable {
  let master: number | undefined;
  let failedReloads = 0;
  let old = false;
  const workers: WorkerRow[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) old = line.includes('old workers');
    const [pid, kind] = line.trim().split(/\s+/);
    if (kind === 'master') {
      master = Number(pid);
      failedReloads = Number(/\[failed: (\d+)\]/.exec(line)?.[1] ?? 0);
    }
    if (kind === 'worker') workers.push({ pid: Number(pid), old });
  }
  return { master, failedReloads, workers };
}

/** Some cells are quoted, with the quotes in them doubled. */
function splitCsv(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quoted && character === '"' && line.charAt(at + 1) === '"') {
      cell += '"';
      at++;
    } else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}

export interface SessionRow {
  readonly id: string;
  readonly backend: string;
  readonly server: string;
}

/** `show sess`: one session a line. */
export function parseSessions(text: string): SessionRow[] {
  return [...text.matchAll(/^(0x[0-9a-f]+): .*? be=(\S+) srv=(\S+) /gm)].map(([, id = '', backend = '', server = '']) => ({
    id,
    backend,
    server,
  }));
}
