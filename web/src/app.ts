/**
 * The page's state and everything that changes it. One way round: an action changes the inputs, the engine
 * answers at once, the page is drawn from both.
 */
import { render } from 'lit-html';
import type { Engine } from './engine/engine';
import type { Answer, Change, EngineError, EstimateResponse } from './engine/types';
import { fieldOf, titlesOf } from './errors';
import { createArticleFormat } from './format/article';
import { createFormat } from './format/units';
import { locales, translator, type Key, type Language } from './i18n';
import { defaultInputs, type Inputs } from './inputs';
import { acceleratorFiles, modelFiles } from './presets';
import { customFrom } from './presets/custom';
import type { AcceleratorFile, ModelFile } from './presets/types';
import { commandLine, requestForCommandLine, requestForEngine, type Presets } from './request';
import { readLink, writeLink, type LinkProblem } from './share/link';
import { remember } from './settings';
import { summary } from './view/answer';
import type { View } from './view/context';
import { page } from './view/page';

export type Theme = 'light' | 'dark';

export interface Notice {
  readonly kind: 'info' | 'warning';
  readonly text: Key;
  readonly params?: Readonly<Record<string, string>>;
  readonly action?: { readonly label: Key; readonly run: () => void };
  /** Stays until it is dismissed, whatever else there is to say. */
  readonly sticky?: true;
}

export interface Actions {
  readonly change: (patch: Partial<Inputs>) => void;
  readonly chooseModel: (id: string | null) => void;
  readonly chooseAccelerator: (id: string | null) => void;
  readonly openFile: (file: Blob) => Promise<void>;
  readonly apply: (change: Change) => void;
  readonly reset: () => void;
  readonly dismiss: (notice: Notice) => void;
  readonly toggleOperators: () => void;
  readonly switchLanguage: () => void;
  readonly switchTheme: () => void;
  readonly copyLink: () => void;
  readonly copyJson: () => void;
  readonly copyCommand: () => void;
}

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

export class App {
  #inputs: Inputs = defaultInputs;
  #answer: Answer | null = null;
  /** What `#answer` answers. */
  #answered: Inputs | null = null;
  #error: EngineError | null = null;
  #facts: ModelFacts | null = null;
  #notices: readonly Notice[] = [];
  #allOperators = false;
  #linkTimer: number | undefined;
  #speechTimer: number | undefined;
  /** Counts changes, so that what arrives late for an earlier one is dropped. */
  #turn = 0;

  constructor(
    private readonly engine: Engine,
    private readonly root: HTMLElement,
    private readonly status: HTMLElement,
    private language: Language,
    private theme: Theme,
  ) {
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
      if (id === null) document.querySelector<HTMLTextAreaElement>('#config')?.select();
    },
    chooseAccelerator: (id) => {
      const file = acceleratorFiles.now(this.#inputs.acceleratorPreset ?? '');
      const custom = id === null && file ? customFrom(file) : this.#inputs.custom;
      this.#set({ ...this.#inputs, acceleratorPreset: id, custom });
    },
    openFile: async (file) => {
      this.takeConfig(await file.slice(0, fileLimit).text());
    },
    apply: (change) => {
      this.#set({ ...this.#inputs, ...applied(this.#inputs, change) });
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
    switchLanguage: () => {
      this.language = this.language === 'en' ? 'zh' : 'en';
      remember('language', this.language);
      this.draw();
    },
    switchTheme: () => {
      this.theme = this.theme === 'dark' ? 'light' : 'dark';
      remember('theme', this.theme);
      this.draw();
    },
    copyLink: () => void this.#copyLink(),
    copyJson: () => {
      if (this.#answer) void this.#copy(JSON.stringify(this.#answer, null, 2), 'copied.json');
    },
    copyCommand: () => {
      if (this.#answered) {
        void this.#copy(commandLine(requestForCommandLine(this.#answered)), 'copied.command');
      }
    },
  };

  async openLink(hash: string): Promise<void> {
    const { inputs, problems } = await readLink(hash);
    if (problems.length > 0) this.#noteOnly(...problems.map(linkNotice));
    this.#set(inputs, { keepAddress: true });
  }

  takeConfig(text: string): void {
    this.#set({ ...this.#inputs, modelPreset: null, config: text, choice: '' });
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
    const turn = ++this.#turn;
    const here = presetsNow(inputs);
    if (here) {
      this.#estimate(here, keepAddress);
      return;
    }
    this.draw();
    presetsLater(inputs).then(
      (presets) => {
        if (turn === this.#turn) this.#estimate(presets, keepAddress);
      },
      () => {
        if (turn === this.#turn) this.note({ kind: 'warning', text: 'notice.presetMissing' });
      },
    );
  }

  #estimate(presets: Presets, keepAddress: boolean): void {
    const response = this.engine.estimate(requestForEngine(this.#inputs, presets));
    if (response.ok) {
      this.#answer = response;
      this.#answered = this.#inputs;
      this.#error = null;
      if (!keepAddress) this.#updateAddress(this.#inputs);
    } else {
      this.#error = response.error;
    }
    this.#facts = this.#modelFacts(response, presets);
    this.draw();
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
    render(page(view), this.root);
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
      problem: this.#error && { field: fieldOf(this.#error, this.#inputs), error: this.#error },
      titles: facts?.titles ?? [],
      storedWeights: facts?.storedWeights ?? null,
      notices: this.#notices,
      allOperators: this.#allOperators,
      engineVersion: this.engine.version,
      actions: this.actions,
    };
  }
}

function presetsNow(inputs: Inputs): Presets | undefined {
  const find = <File>(id: string | null, now: (id: string) => File | undefined): File | null | undefined =>
    id === null ? null : now(id);
  const model = find<ModelFile>(inputs.modelPreset, (id) => modelFiles.now(id));
  const accelerator = find<AcceleratorFile>(inputs.acceleratorPreset, (id) => acceleratorFiles.now(id));
  return model === undefined || accelerator === undefined ? undefined : { model, accelerator };
}

async function presetsLater(inputs: Inputs): Promise<Presets> {
  const [model, accelerator] = await Promise.all([
    inputs.modelPreset === null ? null : modelFiles.load(inputs.modelPreset),
    inputs.acceleratorPreset === null ? null : acceleratorFiles.load(inputs.acceleratorPreset),
  ]);
  return { model, accelerator };
}

/** The inputs that a proposed change stands for. */
function applied(inputs: Inputs, { change, value }: Change): Partial<Inputs> {
  const text = String(value);
  switch (change) {
    case 'tp':
      return { gpus: text };
    case 'weights':
      return { weights: text as Inputs['weights'] };
    case 'kv_cache':
      return { kvCache: text as Inputs['kvCache'] };
    case 'concurrency':
      return { concurrency: text };
    case 'context_tokens': {
      // Prompt and output share the context: keep the prompt if that leaves room for an answer.
      const context = Number(value);
      const prompt = Math.min(Number(inputs.inputTokens), context - 1);
      return { inputTokens: String(prompt), outputTokens: String(context - prompt) };
    }
    default:
      return {};
  }
}

function linkNotice(problem: LinkProblem): Notice {
  switch (problem.kind) {
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

function replaceHash(link: string): void {
  const { pathname, search } = location;
  history.replaceState(null, '', link === '' ? `${pathname}${search}` : `#${link}`);
}
