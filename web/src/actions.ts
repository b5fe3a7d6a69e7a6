/** What the reader can do on the page. */
import type { Change } from './engine/types';
import type { Key } from './i18n';
import type { Inputs } from './inputs';
import type { Notice } from './notice';

export interface Actions {
  readonly change: (patch: Partial<Inputs>) => void;
  readonly chooseModel: (id: string | null) => void;
  readonly chooseAccelerator: (id: string | null) => void;
  /** A file of a model or an accelerator. */
  readonly openFile: (file: File) => Promise<void>;
  readonly importAccelerator: (file: File) => Promise<void>;
  readonly exportAccelerator: () => void;
  /** The list of all presets is about to be looked at. */
  readonly needList: () => void;
  /** Fetches the measurements again that the answer should rest on. */
  readonly retryCalibration: () => void;
  readonly apply: (change: Change) => void;
  /** The section of the reader's own measurement is opened. */
  readonly needOwn: () => void;
  readonly reset: () => void;
  readonly dismiss: (notice: Notice) => void;
  readonly toggleOperators: () => void;
  readonly switchLanguage: () => void;
  readonly switchTheme: () => void;
  readonly copyLink: () => void;
  readonly copyJson: () => void;
  readonly copyCommand: () => void;
  readonly copy: (text: string, done: Key) => void;
  /** Something that is kept elsewhere has changed. */
  readonly redraw: () => void;
}
