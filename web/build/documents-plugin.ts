/** Puts the documents that the footer links to beside the page, as the text they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { paths } from './paths.ts';

const documents = {
  'LICENSE.txt': 'LICENSE',
  'docs/wire-format.txt': 'docs/wire-format.md',
  'docs/model.txt': 'docs/model.md',
} as const;

export function documentsPlugin(): Plugin {
  return {
    name: 'tokencast-documents',
    generateBundle() {
      for (const [fileName, source] of Object.entries(documents)) {
        const path = join(paths.root, source);
        this.emitFile({ type: 'asset', fileName, source: readFileSync(path) });
      }
    },
  };
}
