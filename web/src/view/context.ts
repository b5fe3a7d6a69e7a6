/** What every part of the page is drawn from. */
import type { FieldId } from '../errors';
import type { Answer, EngineError } from '../engine/types';
import type { ArticleFormat } from '../format/article';
import type { Format } from '../format/units';
import type { Language, Translate } from '../i18n';
import type { Inputs } from '../inputs';
import type { Actions, Notice, Theme } from '../app';

export interface View {
  readonly t: Translate;
  readonly language: Language;
  readonly theme: Theme;
  readonly format: Format;
  readonly articleFormat: ArticleFormat;
  readonly inputs: Inputs;
  /** The last answer; stale while the inputs have an error. */
  readonly answer: Answer | null;
  readonly problem: { readonly field: FieldId; readonly error: EngineError } | null;
  /** Of the configs in the pasted text, where it holds several. */
  readonly titles: readonly string[];
  /** The format in which the config says that the weights are stored; null where that is not known. */
  readonly storedWeights: string | null;
  readonly notices: readonly Notice[];
  /** Whether the short operators are listed too. */
  readonly allOperators: boolean;
  readonly engineVersion: string | null;
  readonly actions: Actions;
}
