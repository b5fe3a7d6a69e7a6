/** What the page has to say once. */
import type { Key } from './i18n';
import type { LinkProblem } from './share/link';

export interface Notice {
  readonly kind: 'info' | 'warning';
  readonly text: Key;
  readonly params?: Readonly<Record<string, string>>;
  readonly action?: { readonly label: Key; readonly run: () => void };
  /** Stays until it is dismissed, whatever else there is to say. */
  readonly sticky?: true;
}

/** Of what a link holds that cannot be used; `again` opens it once more. */
export function linkNotice(problem: LinkProblem, again: () => void): Notice {
  switch (problem.kind) {
    case 'unreachable':
      return {
        kind: 'warning',
        text: 'link.unreachable',
        action: { label: 'notice.again', run: again },
      };
    case 'broken':
      return { kind: 'warning', text: 'link.broken' };
    case 'too-large':
      return { kind: 'warning', text: 'link.tooLarge' };
    case 'newer':
      return { kind: 'warning', text: 'link.newer', params: { version: problem.version } };
    case 'bad':
      return { kind: 'warning', text: 'link.bad', params: { fields: problem.fields } };
    case 'unknown':
      return { kind: 'warning', text: 'link.unknown', params: { fields: problem.fields } };
  }
}
