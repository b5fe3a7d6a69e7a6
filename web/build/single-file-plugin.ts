/**
 * Finishes dist/tokencast.html: its own content security policy, which lets it run what it carries and
 * reach nothing else, and its name.
 */
import type { Plugin } from 'vite';

const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  // The simulator's worker, which the file carries.
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export function singleFilePlugin(): Plugin {
  return {
    name: 'tokencast-single-file',
    enforce: 'post',
    transformIndexHtml: {
      order: 'post',
      // Links to files beside the page have nothing to point to on somebody's disk.
      handler: (html) =>
        html
          .replace(/^.*<link rel="(icon|apple-touch-icon)".*\n/gm, '')
          .replace(
            '<head>',
            `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />` +
              '\n    <link rel="icon" href="data:," />',
          ),
    },
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page) page.fileName = 'tokencast.html';
    },
  };
}
