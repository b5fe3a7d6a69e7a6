/** The engine, started once; text in, a typed response out. */
import { index } from 'virtual:calibrations';
import createEngine, { type EngineModule } from 'virtual:engine-glue';
import { loadWasm } from 'virtual:engine-wasm';
import type { CalibrationResponse, EstimateRequest, EstimateResponse, Refusal } from './types';

export class Engine {
  /** What was added, for other instances. */
  readonly calibrations: string[] = [];

  private constructor(
    private readonly wasmBinary: ArrayBuffer,
    private module: EngineModule,
    readonly version: string,
  ) {}

  static async start(): Promise<Engine> {
    const wasmBinary = await loadWasm();
    const module = await createEngine({ wasmBinary });
    const { result } = JSON.parse(module.version()) as { result: { version: string } };
    const engine = new Engine(wasmBinary, module, result.version);
    engine.addCalibration(index);
    return engine;
  }

  /** Takes the text of a file of presets/calibration/, and throws if the engine refuses it. */
  addCalibration(text: string): void {
    const refused = this.module.addCalibration(text);
    if (refused !== '') throw new Error((JSON.parse(refused) as Refusal).error.message);
    this.calibrations.push(text);
  }

  /** On which accelerator's calibration estimates of this one rest; null where none like it was measured. */
  calibrationOf(accelerator: unknown): string | null {
    const response = JSON.parse(
      this.module.calibrationOf(JSON.stringify(accelerator)),
    ) as CalibrationResponse;
    // What is wrong with an accelerator, the estimate says.
    return response.ok ? response.result.calibration : null;
  }

  estimate(request: EstimateRequest): EstimateResponse {
    try {
      return JSON.parse(this.module.estimate(JSON.stringify(request))) as EstimateResponse;
    } catch (cause) {
      // Memory ran out, or a defect: this instance may be unusable, the next estimate gets a new one.
      void this.#replaceModule();
      return stopped(cause);
    }
  }

  async #replaceModule(): Promise<void> {
    const module = await createEngine({ wasmBinary: this.wasmBinary });
    for (const text of this.calibrations) module.addCalibration(text);
    this.module = module;
  }
}

const stopped = (cause: unknown): Refusal => ({
  ok: false,
  schema: 1,
  error: {
    code: 'internal',
    path: '',
    message: `The engine stopped: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'Change the input, or reload the page.',
  },
});
