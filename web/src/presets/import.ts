/** A file of an accelerator, checked by the engine as it checks a request. */
import type { Engine } from '../engine/engine';
import type { EngineError } from '../engine/types';
import { pointerInFile } from '../errors';
import { defaultInputs } from '../inputs';
import { requestForEngine } from '../request';
import { modelFiles } from './index';
import type { AcceleratorFile } from './types';

export interface Imported {
  readonly file?: AcceleratorFile;
  /** Undefined, as the file is, where the text is no JSON. */
  readonly error?: EngineError;
}

export function readAccelerator(engine: Pick<Engine, 'estimate'>, text: string): Imported {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return {};
  }
  const model = modelFiles.now(defaultInputs.modelPreset ?? '') ?? null;
  const request = requestForEngine(defaultInputs, { model, accelerator: null });
  const response = engine.estimate({ ...request, accelerator: { custom: content } });
  if (response.ok) return { file: content as AcceleratorFile };
  const { error } = response;
  const isItsFault = pointerInFile(error) !== undefined || error.code === 'text_too_large';
  if (isItsFault) return { error };
  // Whatever else is wrong is told in its place.
  return { file: content as AcceleratorFile };
}
