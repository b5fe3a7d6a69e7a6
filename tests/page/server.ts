/** dist/ as Netlify would serve it: the headers of netlify.toml, its path matching, a 404 for what is not there. */
import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { parse } from 'smol-toml';

const root = resolve(import.meta.dirname, '../..');
export const dist = join(root, 'dist');

interface Rule {
  readonly for: string;
  readonly values: Readonly<Record<string, string>>;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=UTF-8',
  '.html': 'text/html; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.json': 'application/json; charset=UTF-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=UTF-8',
  '.wasm': 'application/wasm',
};

function rules(): readonly Rule[] {
  const toml = parse(readFileSync(join(root, 'netlify.toml'), 'utf8')) as {
    headers: { for: string; values: Record<string, string> }[];
  };
  return toml.headers;
}

/** `*` stands for the rest of a path, `:name` for one part of it. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/:[a-z]+/gi, '[^/]+');
  return new RegExp(`^${source}$`).test(path);
}

export function headersFor(path: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const rule of rules().filter((one) => matches(one.for, path))) {
    for (const [name, value] of Object.entries(rule.values)) {
      const before = headers.get(name);
      // As Netlify does: values of several rules are joined, which is never meant here.
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }
  return headers;
}

export interface Server {
  readonly url: string;
  /** Path → content to serve instead of the file, to play a new release. */
  readonly instead: Map<string, string>;
  readonly close: () => Promise<void>;
}

export async function startServer(): Promise<Server> {
  const instead = new Map<string, string>();
  const server = createServer((request, response) => {
    void (async () => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const file = join(dist, normalize(path.endsWith('/') ? `${path}index.html` : path));
      const isFile = await stat(file).then(
        (found) => found.isFile(),
        () => false,
      );
      if (!isFile) {
        response.writeHead(404).end('Not found');
        return;
      }
      const headers = { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' };
      response.writeHead(200, { ...headers, ...Object.fromEntries(headersFor(path)) });
      response.end(instead.get(path) ?? (await readFile(file)));
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    instead,
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}
