/** The engine's module that compares a measurement with what is predicted for it, loaded when it is first needed. */
import createSimulator, { type SimulatorModule } from 'virtual:simulator-glue';
import { loadWasm } from 'virtual:simulator-wasm';
import type { CompareResponse, EstimateRequest } from '../engine/types';
import { Lazy } from '../presets/lazy';

export class Comparer {
  readonly #wasm = new Lazy(loadWasm);
  #module: SimulatorModule | null = null;
  /** How many of the calibrations the module has. */
  #added = 0;

  /** calibrations: those that the page's own engine has; it may be given more. */
  constructor(private readonly calibrations: readonly string[]) {}

  /** Fails where the module cannot be fetched; a later call tries again. */
  async load(): Promise<SimulatorModule> {
    const wasmBinary = await this.#wasm.load();
    this.#module ??= await createSimulator({ wasmBinary });
    return this.#module;
  }

  async compare(request: EstimateRequest, measurement: string): Promise<CompareResponse> {
    const module = await this.load();
    try {
      for (; this.#added < this.calibrations.length; ++this.#added)
        module.addCalibration(this.calibrations[this.#added] ?? '');
      return JSON.parse(module.compare(JSON.stringify(request), measurement)) as CompareResponse;
    } catch (cause) {
      // Memory ran out, or a defect: this instance may be unusable, the next call gets a new one.
      this.#module = null;
      this.#added = 0;
      throw cause;
    }
  }
}
