import { spawn } from 'node:child_process';

/** An installation as its people see it: by HTTP and by the command, whatever version it is. */
export type House = {
  readonly directory: string;
  /** What its clock says. Unit: ms. */
  readonly now: number;
  readonly token: string;
  readonly keys: Readonly<Record<string, string>>;
  /** POSTs with the key of a source. Throws for anything but 2xx, and where something was refused. */
  readonly post: (source: string, path: string, body: object) => Promise<Json>;
  /** Throws for 5xx; what else is no 2xx is told by its status and code. */
  readonly ask: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Json>;
  /** The lines of an NDJSON answer. */
  readonly lines: (path: string) => Promise<readonly Json[]>;
  /** `filrouge …` with its address, and the key of a source. Throws for any other exit code than 0. */
  readonly run: (argv: readonly string[], source: string) => Promise<string>;
  /** Resolves when everything accepted is projected. */
  readonly settled: () => Promise<void>;
  /** Resolves when it holds; throws where it does not within half a minute. */
  readonly until: (holds: () => Promise<boolean>, what: string) => Promise<void>;
};

export type Json = Readonly<Record<string, unknown>>;

/** Without it a visit would be a bot's. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

export type HouseAt = Pick<House, 'directory' | 'now' | 'token' | 'keys'> & {
  readonly url: string;
  /** The program and what comes before its arguments. */
  readonly command: readonly [file: string, ...argv: string[]];
};

export function houseAt({ url, command, ...rest }: HouseAt): House {
  const { directory, token, keys } = rest;
  const call = async (address: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(`${url}${address}`, init);
    if (answer.status >= 500) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const ask: House['ask'] = async (method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await call(path, { method, headers: body === undefined ? omitType(headers) : headers, ...sent });
    const told = (await answer.json()) as Json;
    return answer.ok ? told : { refused: answer.status, code: told['code'] };
  };
  return {
    ...rest,
    ask,
    async post(source, path, body) {
      const authorization = `Basic ${btoa(`${keys[source]}:`)}`;
      const headers = { authorization, 'content-type': 'application/json', 'user-agent': BROWSER };
      const answer = await call(path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok || text.includes('"rejected":[{')) throw new Error(`${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as Json;
    },
    async lines(path) {
      const headers = { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' };
      const text = await (await call(path, { headers })).text();
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Json);
    },
    run: (argv, source) =>
      outputOf([...command, ...argv], {
        cwd: directory,
        env: { ...process.env, FILROUGE_URL: url, FILROUGE_TOKEN: token, FILROUGE_KEY: keys[source] ?? '' },
      }),
    settled: () => until(async () => (await ask('GET', '/api/flow'))['pending'] === 0, 'the projector'),
    until,
  };
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 1) {
    if (waited > 600) throw new Error(`${what} is not where it should be`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function omitType(headers: Record<string, string>): Record<string, string> {
  const { 'content-type': _, ...rest } = headers;
  return rest;
}

/** What a command says on stdout. Throws for any other exit code than 0. */
export function outputOf(
  [file = '', ...argv]: readonly string[],
  place: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve(said.stdout);
      else reject(new Error(`${argv.join(' ')} ended with ${exitCode}:\n${said.stderr}${said.stdout}`));
    });
  });
}
