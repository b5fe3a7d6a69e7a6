/** Text ↔ base64url(deflate-raw(UTF-8)), with the platform's own compression. */

export class TooLarge extends Error {}

async function collect(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length;
    // A few bytes can unfold to gigabytes: stop before they do.
    if (size > limit) {
      await reader.cancel();
      throw new TooLarge();
    }
    chunks.push(read.value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function through(
  bytes: Uint8Array<ArrayBuffer>,
  by: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  return new Blob([bytes]).stream().pipeThrough<Uint8Array>(by);
}

export async function pack(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const packed = await collect(through(bytes, new CompressionStream('deflate-raw')), Infinity);
  const binary = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Throws on anything that `pack` would not have made. */
export async function unpack(text: string, limit: number): Promise<string> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const packed = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const bytes = await collect(through(packed, new DecompressionStream('deflate-raw')), limit);
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
