/** The files of the presets that are chosen. */
import { defaultInputs, type Inputs } from '../inputs';
import { draftOf, type Presets } from '../request';
import { fileOf } from './custom';
import { acceleratorFiles, modelFiles } from './index';
import type { AcceleratorFile } from './types';

type Chosen = Pick<Inputs, 'modelPreset' | 'acceleratorPreset' | 'speculation' | 'draftModel'>;

interface Files<File> {
  readonly now: (id: string) => File | undefined;
}

const isHere = (files: Files<unknown>, id: string | null): boolean =>
  id === null || files.now(id) !== undefined;

/** Undefined where one of them has to be fetched. */
export function presetsNow(inputs: Inputs): Presets | undefined {
  const { modelPreset, acceleratorPreset } = inputs;
  const draftModel = draftOf(inputs);
  const model = modelPreset === null ? null : modelFiles.now(modelPreset);
  const accelerator = acceleratorPreset === null ? null : acceleratorFiles.now(acceleratorPreset);
  const draft = draftModel === null ? null : modelFiles.now(draftModel);
  if (model === undefined || accelerator === undefined || draft === undefined) return undefined;
  return { model, accelerator, draft };
}

export async function presetsLater(inputs: Inputs): Promise<Presets> {
  const { modelPreset, acceleratorPreset } = inputs;
  const draftModel = draftOf(inputs);
  const [model, accelerator, draft] = await Promise.all([
    modelPreset === null ? null : modelFiles.load(modelPreset),
    acceleratorPreset === null ? null : acceleratorFiles.load(acceleratorPreset),
    draftModel === null ? null : modelFiles.load(draftModel),
  ]);
  return { model, accelerator, draft };
}

/** Those that are not here, and what takes their place: what the last answer was given for. */
export function missingPresets(
  chosen: Inputs,
  answered: Chosen | null,
): { readonly missing: Partial<Chosen>; readonly instead: Partial<Chosen> } {
  const before = answered ?? defaultInputs;
  const model = isHere(modelFiles, chosen.modelPreset);
  const accelerator = isHere(acceleratorFiles, chosen.acceleratorPreset);
  const draft = isHere(modelFiles, draftOf(chosen));
  const pick = ({ modelPreset, acceleratorPreset, speculation, draftModel }: Chosen): Partial<Chosen> => ({
    ...(model ? {} : { modelPreset }),
    ...(accelerator ? {} : { acceleratorPreset }),
    ...(draft ? {} : { speculation, draftModel }),
  });
  return { missing: pick(chosen), instead: pick(before) };
}

/** The accelerator of the form, which the answer may lag behind; undefined while it is fetched. */
export function acceleratorNow({ acceleratorPreset, custom }: Inputs): AcceleratorFile | undefined {
  if (acceleratorPreset !== null) return acceleratorFiles.now(acceleratorPreset);
  return fileOf(custom, 1) as AcceleratorFile;
}
