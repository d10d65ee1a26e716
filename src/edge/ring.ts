/** One line of the log ring: what it says, and what that means in the design's words; pure. */

export interface RequestLine {
  readonly pid: number;
  readonly backend: string;
  /** `<NOSRV>` where no server was reached. */
  readonly server: string;
  /** -1 where no status was sent. */
  readonly status: number;
  /** Milliseconds from the request to the end. */
  readonly ms: number;
  /** The server sent response headers. */
  readonly responded: boolean;
  /** Two letters, `--` when all went well. */
  readonly termination: string;
  /** A check of ours: nobody's traffic. */
  readonly probe: boolean;
}

/** served: a whole response · lost: none, or a broken one, and not by the client's doing · aborted: by the client, or denied. */
export type Outcome = 'served' | 'lost' | 'aborted';

const LINE = /^(\d+) \d+ (\S+) (\S+) (-?\d+) (-?\d+) (-?\d+) (\S\S)(?: (\S+))?$/;

/** Undefined for what is not about a request: state changes are logged to the same ring. */
export function parseRequestLine(line: string): RequestLine | undefined {
  const [, pid, backend = '', server = '', status, ms, response, termination = '', by] = LINE.exec(line) ?? [];
  if (pid === undefined) return undefined;
  const responded = Number(response) >= 0;
  return { pid: Number(pid), backend, server, status: Number(status), ms: Number(ms), responded, termination, probe: by === 'probe' };
}

export function outcomeOf(line: RequestLine): Outcome {
  if (line.status === 101 && line.responded) return 'served'; // the tunnel stood; how it ended is not the response
  switch (line.termination.charAt(0)) {
    case '-':
      return 'served';
    case 'C':
    case 'c':
      return 'aborted';
    case 'P':
    case 'L':
      return [502, 503, 504].includes(line.status) ? 'lost' : 'aborted'; // PH: the app's answer was not HTTP; PR: denied
    default:
      return 'lost'; // S, s: the server's side · K, D, U: sessions closed by us · R, I: HAProxy itself
  }
}

/** `r42` of `r42.0.3`. */
export function releaseOf(server: string): string {
  return server.startsWith('<') ? 'none' : (server.split('.')[0] ?? 'none');
}
