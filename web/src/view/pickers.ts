/** The lists of models and of accelerators. */
import type { TemplateResult } from 'lit-html';
import { inWords } from '../format/units';
import { acceleratorFiles, catalogue, modelFiles } from '../presets';
import type { AcceleratorEntry, Catalogue, ModelEntry, PresetEntry } from '../presets/types';
import { chineseName, searchesOf, type Searches } from '../search/presets';
import type { Hit } from '../search/search';
import { GiB } from '../typed';
import { combobox, type ComboboxGroup, type ComboboxOption } from './combobox';
import type { View } from './context';
import { className, modalityName } from './names';

/** The values of what is no preset. */
const own = 'own';
const again = 'again';

let searches: Searches | undefined;

function searchesIn(list: Catalogue): Searches {
  searches ??= searchesOf(list);
  return searches;
}

export function modelPicker(view: View): TemplateResult {
  const { t, inputs, actions, pickers } = view;
  const details = ({ released, modality = [] }: ModelEntry): (string | undefined)[] => [
    released,
    modality.length > 0 ? modality.map((name) => modalityName(view, name)).join(t('comma')) : undefined,
  ];
  return picker<ModelEntry>(view, {
    id: 'model',
    label: t('form.model'),
    state: pickers.model,
    value: inputs.modelPreset ?? own,
    shown: inputs.modelPreset === null ? t('form.model.own') : nameOfModel(inputs.modelPreset),
    find: (list, query) => searchesIn(list).models.find(query),
    details,
    ownLabel: t('picker.ownModel'),
    onFocus: () => {
      actions.needList();
      modelFiles.prepare();
    },
    onChoose: actions.chooseModel,
  });
}

export function acceleratorPicker(view: View): TemplateResult {
  const { t, format, inputs, actions, pickers } = view;
  // Beside its maker, there is no room for its class.
  const details = (entry: AcceleratorEntry, withMaker: boolean): (string | undefined)[] => [
    `${format.plain(entry.memory_bytes / GiB)} GiB`,
    inWords(format.bytesPerSecond(entry.memory_bandwidth_bytes_per_s)),
    entry.class === undefined || withMaker ? undefined : className(view, entry.class),
    entry.year === undefined ? undefined : String(entry.year),
  ];
  const { acceleratorPreset: preset } = inputs;
  return picker<AcceleratorEntry>(view, {
    id: 'accelerator',
    label: t('form.accelerator'),
    state: pickers.accelerator,
    value: preset ?? own,
    shown: preset === null ? t('form.accelerator.own') : nameOfAccelerator(preset),
    find: (list, query) => searchesIn(list).accelerators.find(query),
    details,
    ownLabel:
      preset === null
        ? t('picker.ownAccelerator')
        : t('picker.ownAcceleratorFrom', { name: nameOfAccelerator(preset) }),
    onFocus: () => {
      actions.needList();
      acceleratorFiles.prepare();
    },
    onChoose: actions.chooseAccelerator,
  });
}

/** The id until the list is here. */
const nameIn = (entries: readonly PresetEntry[] | undefined, id: string): string =>
  entries?.find((entry) => entry.id === id)?.name ?? id;

const nameOfModel = (id: string): string => modelFiles.now(id)?.name ?? nameIn(catalogue.now?.models, id);

const nameOfAccelerator = (id: string): string =>
  acceleratorFiles.now(id)?.name ?? nameIn(catalogue.now?.accelerators, id);

interface Picker<Entry> {
  readonly id: 'model' | 'accelerator';
  readonly label: string;
  readonly state: View['pickers']['model'];
  readonly value: string;
  readonly shown: string;
  readonly find: (list: Catalogue, query: string) => readonly Hit<Entry>[];
  readonly details: (entry: Entry, withMaker: boolean) => readonly (string | undefined)[];
  readonly ownLabel: string;
  readonly onFocus: () => void;
  readonly onChoose: (id: string | null) => void;
}

function picker<Entry extends PresetEntry>(view: View, field: Picker<Entry>): TemplateResult {
  const { t, format, actions } = view;
  const { state, find, details } = field;
  const query = (state.typed ?? '').trim();
  const list = catalogue.now;
  const hits = state.isOpen && list !== undefined ? find(list, query) : [];
  const option = ({ item, alias }: Hit<Entry>, withMaker: boolean): ComboboxOption => ({
    value: item.id,
    name: item.name,
    more: [withMaker ? item.maker : undefined, ...details(item, withMaker)]
      .filter((part) => part !== undefined)
      .join(' · '),
    ...(alias === undefined ? {} : { alias }),
  });
  const found: readonly ComboboxGroup[] =
    query === ''
      ? [...Map.groupBy(hits, ({ item }) => item.maker)].map(([maker, members]) => ({
          label: makerName(view, maker),
          options: members.map((hit) => option(hit, false)),
        }))
      : [{ options: hits.map((hit) => option(hit, true)) }];
  const ways: ComboboxOption[] = [{ value: own, name: field.ownLabel, isAction: true }];
  if (list === undefined && catalogue.failed)
    ways.unshift({ value: again, name: t('picker.again'), isAction: true });
  const status = (): string => {
    if (list === undefined) return t(catalogue.failed ? 'picker.failed' : 'picker.loading');
    if (hits.length === 0) return t('picker.none', { query });
    return t(query === '' ? 'picker.count' : 'picker.found', { count: format.count(hits.length) });
  };
  return combobox(view, {
    ...field,
    groups: [...found, { options: ways }],
    status: status(),
    onChoose: (value) => {
      if (value === again) {
        state.open();
        actions.needList();
      } else field.onChoose(value === own ? null : value);
    },
  });
}

function makerName({ language }: View, maker: string): string {
  const chinese = catalogue.now && chineseName(catalogue.now, maker);
  return language === 'zh' && chinese !== undefined ? `${maker} ${chinese}` : maker;
}
