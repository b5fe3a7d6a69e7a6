/**
 * The page's state and everything that changes it. One way round: an action changes the inputs, the engine
 * answers at once, the page is drawn from both.
 */
import { render } from 'lit-html';
import type { Actions } from './actions';
import { applied } from './change';
import { ComboboxState } from './combobox';
import { download } from './download';
import { Calibrations, type Calibration } from './engine/calibrations';
import type { Engine } from './engine/engine';
import type { Answer, EngineError, EstimateResponse } from './engine/types';
import { fieldOf, titlesOf } from './errors';
import { createArticleFormat } from './format/article';
import { createFormat } from './format/units';
import { loadTexts, locales, translator, type Key, type Language } from './i18n';
import { defaultInputs, type Inputs } from './inputs';
import { linkNotice, type Notice } from './notice';
import type { OwnSection } from './own/own-section';
import { looksLikeAccelerator } from './paste';
import { acceleratorFiles, catalogue, modelFiles } from './presets';
import { missingPresets, presetsLater, presetsNow } from './presets/chosen';
import { Lazy } from './presets/lazy';
import { customFrom, fileOf, missingInFile, presetFileOf, type Members } from './presets/custom';
import { readAccelerator } from './presets/import';
import type { AcceleratorFile } from './presets/types';
import { commandLine, requestForCommandLine, requestForEngine, type Presets } from './request';
import { readLink, writeLink } from './share/link';
import { remember, type Theme } from './settings';
import { typed } from './typed';
import { summary } from './view/answer';
import { revealOpened } from './view/combobox';
import type { Basis, RefusedFile, View } from './view/context';
import { customLabel } from './view/custom-accelerator';
import { page } from './view/page';

/** What depends on the model alone, for as long as it stays the same. */
interface ModelFacts {
  readonly modelPreset: string | null;
  readonly config: string;
  readonly choice: string;
  /** Of the configs in the pasted text, where it holds several. */
  readonly titles: readonly string[];
  /** The format in which the config says that the weights are stored; null where that is not known. */
  readonly storedWeights: string | null;
}

/** Far over any config.json: the engine says that it is too large, and the page need not hold more. */
const fileLimit = 16 * 1024 * 1024;
const linkDelay = 300;
const speechDelay = 700;
const briefly = 5000;
/** What comes sooner needs no word that it is coming. */
const patience = 150;

export class App {
  #inputs: Inputs = defaultInputs;
  #answer: Answer | null = null;
  /** What `#answer` answers. */
  #answered: Inputs | null = null;
  #error: EngineError | null = null;
  #facts: ModelFacts | null = null;
  /** What `#answer` was computed from. */
  #presets: Presets | null = null;
  #calibration: Calibration | null = null;
  #basis: Basis | null = null;
  #loading = false;
  #refusedFile: RefusedFile | null = null;
  #notices: readonly Notice[] = [];
  #allOperators = false;
  #linkTimer: number | undefined;
  #speechTimer: number | undefined;
  #loadingTimer: number | undefined;
  /** Counts changes, so that what arrives late for an earlier one is dropped. */
  #turn = 0;
  /** Counts links, likewise. */
  #opened = 0;

  readonly #own = new Lazy<OwnSection>(async () => {
    const { OwnSection } = await import('./own/own-section');
    return new OwnSection(
      this.engine,
      () => this.#answered && this.#presets && { inputs: this.#answered, presets: this.#presets },
      () => {
        this.draw();
      },
    );
  });

  readonly #calibrations: Calibrations;
  readonly #pickers = {
    model: new ComboboxState(() => {
      this.draw();
    }),
    accelerator: new ComboboxState(() => {
      this.draw();
    }),
  };

  constructor(
    private readonly engine: Engine,
    private readonly root: HTMLElement,
    private readonly status: HTMLElement,
    private language: Language,
    private theme: Theme,
  ) {
    this.#calibrations = new Calibrations(engine);
    // What index.html shows while the engine starts.
    root.replaceChildren();
  }

  readonly actions: Actions = {
    change: (patch) => {
      this.#set({ ...this.#inputs, ...patch });
    },
    chooseModel: (id) => {
      this.#set({
        ...this.#inputs,
        modelPreset: id,
        ...(id === null ? { config: this.#startingConfig() } : {}),
      });
      // Selected, so that what is pasted takes its place.
      if (id === null) focusOn('config');
    },
    chooseAccelerator: (id) => {
      const file = acceleratorFiles.now(this.#inputs.acceleratorPreset ?? '');
      const custom = id === null && file ? customFrom(file) : this.#inputs.custom;
      this.#set({ ...this.#inputs, acceleratorPreset: id, custom });
      if (id === null) focusOn('customName');
    },
    openFile: async (file) => {
      this.takeText(await textOf(file), file.name);
    },
    importAccelerator: async (file) => {
      this.#import(await textOf(file), file.name);
    },
    exportAccelerator: () => {
      const { custom } = this.#inputs;
      const view = this.#view();
      const { t, problem } = view;
      const missing = missingInFile(custom);
      if (problem?.field.startsWith('custom') === true) {
        this.#noteOnly({ kind: 'warning', text: 'custom.export.invalid' });
      } else if (missing.length > 0) {
        const fields = missing.map((key) => customLabel(view, key)).join(t('comma'));
        this.#noteOnly({ kind: 'warning', text: 'custom.export.missing', params: { fields } });
      } else {
        const file = presetFileOf(custom);
        download(`${file.id}.json`, `${JSON.stringify(file, null, 2)}\n`);
      }
    },
    needList: () => {
      if (catalogue.now) return;
      const arrived = (): void => {
        this.draw();
        for (const id of ['model', 'accelerator'] as const)
          if (this.#pickers[id].isOpen) revealOpened({ id });
      };
      catalogue.load().then(arrived, arrived);
      this.draw();
    },
    retryCalibration: () => {
      // The answer below waits for it, and says so if it fails again.
      this.#calibration?.text.load().catch(() => undefined);
      this.#set(this.#inputs, { keepAddress: true });
    },
    apply: (change) => {
      this.#set({ ...this.#inputs, ...applied(this.#inputs, change) });
    },
    needOwn: () => {
      const arrived = (): void => {
        this.draw();
      };
      this.#own.load().then(arrived, arrived);
      this.draw();
    },
    reset: () => {
      const before = this.#inputs;
      this.#set(defaultInputs);
      this.#noteOnly({
        kind: 'info',
        text: 'notice.reset',
        action: {
          label: 'notice.undo',
          run: () => {
            this.#noteOnly();
            this.#set(before);
          },
        },
      });
    },
    dismiss: (notice) => {
      this.#notices = this.#notices.filter((other) => other !== notice);
      this.draw();
    },
    toggleOperators: () => {
      this.#allOperators = !this.#allOperators;
      this.draw();
    },
    switchLanguage: () => void this.#switchLanguage(),
    switchTheme: () => {
      this.theme = this.theme === 'dark' ? 'light' : 'dark';
      remember('theme', this.theme);
      this.draw();
    },
    copyLink: () => void this.#copyLink(),
    copyJson: () => {
      if (this.#answer) this.actions.copy(JSON.stringify(this.#answer, null, 2), 'copied.json');
    },
    copyCommand: () => {
      if (this.#answered) {
        this.actions.copy(commandLine(requestForCommandLine(this.#answered)), 'copied.command');
      }
    },
    copy: (text, done) => void this.#copy(text, done),
    redraw: () => {
      this.draw();
    },
  };

  async openLink(hash: string): Promise<void> {
    const opened = ++this.#opened;
    this.#wait(this.#turn);
    const { inputs, problems } = await readLink(hash);
    if (opened !== this.#opened) return;
    if (problems.length > 0) {
      const again = (): void => {
        this.#noteOnly();
        void this.openLink(hash);
      };
      this.#noteOnly(...problems.map((problem) => linkNotice(problem, again)));
    }
    this.#set(inputs, { keepAddress: true });
  }

  /** What was pasted or dropped: an accelerator's file, or else the config of a model. */
  takeText(text: string, name = ''): void {
    if (looksLikeAccelerator(text)) this.#import(text, name);
    else this.#set({ ...this.#inputs, modelPreset: null, config: text, choice: '' });
  }

  /** Fetches what will be asked for next, if the reader's connection is not to be spared. */
  prefetch(): void {
    const { connection } = navigator as { readonly connection?: { readonly saveData?: boolean } };
    if (connection?.saveData === true) return;
    // Whoever needs the list later tries again, and is told then.
    catalogue.load().catch(() => undefined);
  }

  #import(text: string, name: string): void {
    const { file, error } = readAccelerator(this.engine, text);
    if (file) {
      this.#set({ ...this.#inputs, acceleratorPreset: null, custom: customFrom(file) });
      this.noteBriefly('custom.import.done');
    } else {
      // What was typed stays.
      this.#refusedFile = { name, ...(error === undefined ? {} : { error }) };
      this.draw();
    }
  }

  async #switchLanguage(): Promise<void> {
    const other = this.language === 'en' ? 'zh' : 'en';
    try {
      await loadTexts(other);
    } catch {
      this.#noteOnly({ kind: 'warning', text: 'notice.part' });
      return;
    }
    this.language = other;
    remember('language', other);
    this.draw();
  }

  note(notice: Notice): void {
    this.#notices = [...this.#notices, notice];
    this.draw();
  }

  noteBriefly(text: Key): void {
    const notice: Notice = { kind: 'info', text };
    this.note(notice);
    window.setTimeout(() => {
      this.actions.dismiss(notice);
    }, briefly);
  }

  /** What is said of a link, of a copy or of a reset holds for the latest one only. */
  #noteOnly(...notices: readonly Notice[]): void {
    this.#notices = [...this.#notices.filter(({ sticky }) => sticky), ...notices];
    this.draw();
  }

  /** A pasted config is edited further; coming from a preset, its own config is something to start from. */
  #startingConfig(): string {
    if (this.#inputs.config !== '') return this.#inputs.config;
    const file = modelFiles.now(this.#inputs.modelPreset ?? '');
    return file ? JSON.stringify(file.config, null, 2) : '';
  }

  #set(inputs: Inputs, { keepAddress = false } = {}): void {
    this.#inputs = inputs;
    this.#refusedFile = null;
    const turn = ++this.#turn;
    const here = presetsNow(inputs);
    if (here) {
      this.#calibrate(here, keepAddress);
      return;
    }
    this.#wait(turn);
    this.draw();
    presetsLater(inputs).then(
      (presets) => {
        if (turn === this.#turn) this.#calibrate(presets, keepAddress);
      },
      () => {
        if (turn === this.#turn) this.#missing(inputs);
      },
    );
  }

  /** An answer that is about to become a measured one is not shown before; only a failure makes it generic. */
  #calibrate(presets: Presets, keepAddress: boolean): void {
    const turn = this.#turn;
    const calibration = this.#calibrations.of(acceleratorOf(this.#inputs, presets));
    const answer = (): void => {
      if (turn === this.#turn) this.#estimate(presets, calibration, keepAddress);
    };
    // One that failed is fetched again when the reader asks for it, not at each key.
    if (calibration === null || calibration.text.now !== undefined || calibration.text.failed) {
      answer();
      return;
    }
    this.#wait(turn);
    this.draw();
    calibration.text.load().then(answer, answer);
  }

  /** Says that the answer is on its way, where it takes long enough to be noticed. */
  #wait(turn: number): void {
    window.clearTimeout(this.#loadingTimer);
    this.#loadingTimer = window.setTimeout(() => {
      if (turn !== this.#turn) return;
      this.#loading = true;
      this.draw();
    }, patience);
  }

  /** A preset cannot be had: what was chosen before stays, and one can try again. */
  #missing(inputs: Inputs): void {
    const { missing, instead } = missingPresets(inputs, this.#answered);
    this.#set({ ...this.#inputs, ...instead }, { keepAddress: true });
    this.#noteOnly({
      kind: 'warning',
      text: 'notice.presetMissing',
      action: {
        label: 'notice.again',
        run: () => {
          this.#noteOnly();
          this.#set({ ...this.#inputs, ...missing });
        },
      },
    });
  }

  #estimate(presets: Presets, calibration: Calibration | null, keepAddress: boolean): void {
    this.#loading = false;
    window.clearTimeout(this.#loadingTimer);
    const response = this.engine.estimate(requestForEngine(this.#inputs, presets));
    if (response.ok) {
      this.#answer = response;
      this.#answered = this.#inputs;
      this.#presets = presets;
      this.#calibration = calibration;
      this.#basis = calibration && basisOn(calibration, this.#inputs);
      this.#error = null;
      if (!keepAddress) this.#updateAddress(this.#inputs);
    } else {
      this.#error = response.error;
    }
    this.#facts = this.#modelFacts(response, presets);
    this.#own.now?.refresh();
    this.draw();
    // What is to be corrected must be seen, also in a part of the form that is closed.
    const refused = this.#error && document.getElementById(fieldOf(this.#error, this.#inputs));
    refused?.closest('details')?.setAttribute('open', '');
    this.#speak();
  }

  /** Of the model as it is now; what only another request would tell is asked once for each model. */
  #modelFacts(response: EstimateResponse, presets: Presets): ModelFacts {
    const { modelPreset, config, choice, weights } = this.#inputs;
    const known = this.#factsNow();
    const ask = (patch: Partial<Inputs>): EstimateResponse =>
      this.engine.estimate(requestForEngine({ ...this.#inputs, ...patch }, presets));
    const formatOf = (answer: EstimateResponse): string | null =>
      answer.ok ? answer.result.deployment.weights : null;
    const namesOf = (answer: EstimateResponse): readonly string[] =>
      answer.ok ? [] : titlesOf(answer.error);

    // Once one of several is chosen, only the request without the choice still names them.
    const titles = choice === '' ? namesOf(response) : (known?.titles ?? namesOf(ask({ choice: '' })));
    let storedWeights = known?.storedWeights ?? null;
    if (storedWeights === null && response.ok) {
      storedWeights = formatOf(weights === 'auto' ? response : ask({ weights: 'auto' }));
    }
    return { modelPreset, config, choice, titles, storedWeights };
  }

  #factsNow(): ModelFacts | null {
    const { modelPreset, config, choice } = this.#inputs;
    const facts = this.#facts;
    if (facts?.modelPreset !== modelPreset || facts.choice !== choice) return null;
    return modelPreset !== null || facts.config === config ? facts : null;
  }

  /** The address always opens the answer that is shown; Back still leaves the page. */
  #updateAddress(inputs: Inputs): void {
    window.clearTimeout(this.#linkTimer);
    this.#linkTimer = window.setTimeout(() => {
      void writeLink(inputs).then((link) => {
        if (inputs === this.#inputs) replaceHash(link ?? '');
      });
    }, linkDelay);
  }

  async #copyLink(): Promise<void> {
    if (!this.#answered) return;
    const link = await writeLink(this.#answered);
    if (link === undefined) {
      this.#noteOnly({ kind: 'warning', text: 'notice.linkTooLong' });
      return;
    }
    replaceHash(link);
    await this.#copy(location.href, 'copied.link');
  }

  async #copy(text: string, done: Key): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#noteOnly();
      this.noteBriefly(done);
    } catch {
      this.#noteOnly({ kind: 'warning', text: 'copied.failed', params: { text } });
    }
  }

  /** Told after a pause, so that a screen reader hears one sentence and not one for each key. */
  #speak(): void {
    window.clearTimeout(this.#speechTimer);
    this.#speechTimer = window.setTimeout(() => {
      const view = this.#view();
      const invalid = view.problem !== null;
      const text = invalid ? view.t('results.stale') : this.#answer ? summary(view, this.#answer) : '';
      this.status.textContent = text;
    }, speechDelay);
  }

  draw(): void {
    const view = this.#view();
    document.documentElement.lang = locales[this.language];
    document.documentElement.dataset['theme'] = this.theme;
    document.title = view.t('title');
    const focused = document.activeElement;
    render(page(view), this.root);
    // A button that did what it is for may be gone, and the focus with it.
    if (focused?.isConnected === false) document.getElementById('results')?.focus({ preventScroll: true });
  }

  #answeredAccelerator(): AcceleratorFile | null {
    if (this.#answered === null || this.#presets === null) return null;
    // Taken by the engine, so it has what a file must have.
    return acceleratorOf(this.#answered, this.#presets) as AcceleratorFile;
  }

  #view(): View {
    const locale = locales[this.language];
    const facts = this.#factsNow();
    return {
      t: translator(this.language),
      language: this.language,
      theme: this.theme,
      format: createFormat(locale),
      articleFormat: createArticleFormat(locale),
      inputs: this.#inputs,
      answer: this.#answer,
      answered: this.#answered,
      presets: this.#presets,
      calibration: this.#calibration,
      problem: this.#error && { field: fieldOf(this.#error, this.#inputs), error: this.#error },
      answeredModel: this.#presets?.model ?? null,
      answeredAccelerator: this.#answeredAccelerator(),
      basis: this.#basis,
      loading: this.#loading,
      refusedFile: this.#refusedFile,
      pickers: this.#pickers,
      titles: facts?.titles ?? [],
      storedWeights: facts?.storedWeights ?? null,
      notices: this.#notices,
      allOperators: this.#allOperators,
      own: this.#own,
      engineVersion: this.engine.version,
      actions: this.actions,
    };
  }
}

/** A preset, or what the reader's own comes to. */
const acceleratorOf = ({ custom, gpus }: Inputs, { accelerator }: Presets): Members =>
  accelerator ?? fileOf(custom, typed(gpus));

const basisOn = ({ id, name, text }: Calibration, { acceleratorPreset }: Inputs): Basis => ({
  name,
  isOwn: acceleratorPreset === id,
  isMissing: text.now === undefined,
});

const textOf = (file: Blob): Promise<string> => file.slice(0, fileLimit).text();

function focusOn(id: 'config' | 'customName'): void {
  const field = document.getElementById(id);
  if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
}

function replaceHash(link: string): void {
  const { pathname, search } = location;
  history.replaceState(null, '', link === '' ? `${pathname}${search}` : `#${link}`);
}
