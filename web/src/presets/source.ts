/** Where a preset's figure was read: an address, a file of a repository, or words. */

export interface Reference {
  readonly text: string;
  /** Undefined where there is nothing to open. */
  readonly url?: string;
}

const address = /^https?:\/\/[^\s/]+\S*/;
/** "github:owner/repository path/to/file (what was read)" */
const repository = /^github:([\w.-]+\/[\w.-]+)(?:\s+([^\s()]+))?(?:\s+\((.*)\))?/;
const commit = /^[0-9a-f]{7,40}$/;

export function referenceTo(source: string): Reference {
  const url = address.exec(source)?.[0];
  if (url !== undefined) {
    // A full stop or a comma that ends a sentence is not the address's.
    const trimmed = url.replace(/[.,;]+$/, '');
    return { text: source.replace(/^https?:\/\/(www\.)?/, ''), url: trimmed };
  }
  const [, name, path, more = ''] = repository.exec(source) ?? [];
  if (name === undefined) return { text: source };
  const place = `https://github.com/${name}`;
  const text = source.replace(/^github:/, '');
  if (path === undefined) return { text, url: place };
  const version = commit.test(more) ? more : 'HEAD';
  const segments = path.split('/').map(encodeURIComponent).join('/');
  return { text, url: `${place}/blob/${version}/${segments}` };
}

/** An address to open, or undefined for anything else than one of the web. */
export function webAddress(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !/^https?:\/\//.test(text)) return undefined;
  return URL.canParse(text) ? new URL(text) : undefined;
}
