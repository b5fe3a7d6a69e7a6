/** What the engine names in codes, in the reader's words. A code that is new here is shown as it came. */
import { lookUp } from '../i18n';
import type { LayerRow } from '../engine/types';
import type { View } from './context';

type Words = Pick<View, 'language'>;

/** Types of GGUF files and of their tensors are known by their names in capitals: Q4_K_M. */
export const formatName = ({ language }: Words, format: string): string =>
  lookUp(language, `format.${format}`) ?? format.toUpperCase();

/** "generic" stands for none in particular. */
export const engineName = ({ language }: Words, engine: string): string =>
  lookUp(language, `engine.${engine}`) ?? engine;

export const traitName = ({ language }: Words, trait: string): string =>
  lookUp(language, `trait.${trait}`) ?? trait.replaceAll('_', ' ');

export const traitMeaning = ({ language }: Words, trait: string): string | undefined =>
  lookUp(language, `trait.${trait}.meaning`);

const joined = (names: string, nameOf: (name: string) => string): string =>
  names.split(' + ').map(nameOf).join(' + ');

/** What mixes tokens in a layer: "GQA + Mamba-2"; undefined where nothing does. */
export const mixerName = (view: Words, { attention }: LayerRow): string | undefined =>
  attention === 'none' ? undefined : joined(attention, (name) => traitName(view, name));

/** The feed-forward part of a layer: "gated FFN + MoE"; undefined where there is none. */
export const ffnName = (view: Words, { ffn }: LayerRow): string | undefined =>
  ffn === 'none'
    ? undefined
    : joined(ffn, (name) => lookUp(view.language, `ffn.${name}`) ?? name.replaceAll('_', ' '));

export const className = ({ language }: Words, name: string): string =>
  lookUp(language, `class.${name}`) ?? name;

export const topologyName = ({ language }: Words, name: string): string =>
  lookUp(language, `topology.${name}`) ?? name;

export const modalityName = ({ language }: Words, name: string): string =>
  lookUp(language, `modality.${name}`) ?? name;
