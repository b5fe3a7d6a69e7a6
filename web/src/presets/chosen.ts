/** The files of the presets that are chosen. */
import { defaultInputs, type Inputs } from '../inputs';
import type { Presets } from '../request';
import { fileOf } from './custom';
import { acceleratorFiles, modelFiles } from './index';
import type { AcceleratorFile } from './types';

type Chosen = Pick<Inputs, 'modelPreset' | 'acceleratorPreset'>;

interface Files<File> {
  readonly now: (id: string) => File | undefined;
}

const isHere = (files: Files<unknown>, id: string | null): boolean =>
  id === null || files.now(id) !== undefined;

/** Undefined where one of them has to be fetched. */
export function presetsNow({ modelPreset, acceleratorPreset }: Chosen): Presets | undefined {
  const model = modelPreset === null ? null : modelFiles.now(modelPreset);
  const accelerator = acceleratorPreset === null ? null : acceleratorFiles.now(acceleratorPreset);
  return model === undefined || accelerator === undefined ? undefined : { model, accelerator };
}

export async function presetsLater({ modelPreset, acceleratorPreset }: Chosen): Promise<Presets> {
  const [model, accelerator] = await Promise.all([
    modelPreset === null ? null : modelFiles.load(modelPreset),
    acceleratorPreset === null ? null : acceleratorFiles.load(acceleratorPreset),
  ]);
  return { model, accelerator };
}

/** Those that are not here, and what takes their place: what the last answer was given for. */
export function missingPresets(
  chosen: Chosen,
  answered: Chosen | null,
): { readonly missing: Partial<Chosen>; readonly instead: Partial<Chosen> } {
  const before = answered ?? defaultInputs;
  const model = isHere(modelFiles, chosen.modelPreset);
  const accelerator = isHere(acceleratorFiles, chosen.acceleratorPreset);
  const pick = ({ modelPreset, acceleratorPreset }: Chosen): Partial<Chosen> => ({
    ...(model ? {} : { modelPreset }),
    ...(accelerator ? {} : { acceleratorPreset }),
  });
  return { missing: pick(chosen), instead: pick(before) };
}

/** The accelerator of the form, which the answer may lag behind; undefined while it is fetched. */
export function acceleratorNow({ acceleratorPreset, custom }: Inputs): AcceleratorFile | undefined {
  if (acceleratorPreset !== null) return acceleratorFiles.now(acceleratorPreset);
  return fileOf(custom, 1) as AcceleratorFile;
}
