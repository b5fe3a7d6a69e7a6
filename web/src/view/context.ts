/** What every part of the page is drawn from. */
import type { Actions } from '../actions';
import type { ComboboxState } from '../combobox';
import type { Calibration } from '../engine/calibrations';
import type { FieldId } from '../errors';
import type { Answer, EngineError } from '../engine/types';
import type { ArticleFormat } from '../format/article';
import type { Format } from '../format/units';
import type { Language, Translate } from '../i18n';
import type { Inputs } from '../inputs';
import type { Notice } from '../notice';
import type { OwnSection } from '../own/own-section';
import type { Lazy } from '../presets/lazy';
import type { AcceleratorFile, ModelFile } from '../presets/types';
import type { Presets } from '../request';
import type { Theme } from '../settings';

/** In which a number is typed. */
export interface Unit {
  /** How many of the request's units one of the field's is. */
  readonly size: number;
  readonly name: string;
}

export type Units = Readonly<Partial<Record<FieldId, Unit>>>;

export interface RefusedFile {
  readonly name: string;
  /** Undefined where the file is no JSON. */
  readonly error?: EngineError;
}

/** The measured accelerator whose kernels an answer rests on. */
export interface Basis {
  readonly name: string;
  /** The answer's accelerator itself, not another of its architecture. */
  readonly isOwn: boolean;
  /** It could not be fetched: the answer does without. */
  readonly isMissing: boolean;
}

export interface View {
  readonly t: Translate;
  readonly language: Language;
  readonly theme: Theme;
  readonly format: Format;
  readonly articleFormat: ArticleFormat;
  readonly inputs: Inputs;
  /** The last answer; stale while the inputs have an error. */
  readonly answer: Answer | null;
  /** What it answers, and what it was computed from. */
  readonly answered: Inputs | null;
  readonly presets: Presets | null;
  readonly calibration: Calibration | null;
  readonly problem: { readonly field: FieldId; readonly error: EngineError } | null;
  /** Of fields that a section adds to those of the page. */
  readonly units?: Units;
  /** Of the configs in the pasted text, where it holds several. */
  readonly titles: readonly string[];
  /** The format in which the config says that the weights are stored; null where that is not known. */
  readonly storedWeights: string | null;
  /** Of the answer: null for a pasted config. */
  readonly answeredModel: ModelFile | null;
  /** Of the answer: a preset, or what the reader's own comes to. */
  readonly answeredAccelerator: AcceleratorFile | null;
  /** Of the answer; null where nothing like its accelerator was measured. */
  readonly basis: Basis | null;
  /** Whether presets or measurements are on their way that the answer waits for. */
  readonly loading: boolean;
  /** A file that was to be imported, and was not. */
  readonly refusedFile: RefusedFile | null;
  readonly pickers: { readonly model: ComboboxState; readonly accelerator: ComboboxState };
  readonly notices: readonly Notice[];
  /** Whether the short operators are listed too. */
  readonly allOperators: boolean;
  /** The reader's own measurement: the inside of its section. */
  readonly own: Pick<Lazy<OwnSection>, 'now' | 'pending' | 'failed'>;
  readonly engineVersion: string | null;
  readonly actions: Actions;
}
