/** The engine, started once; text in, a typed response out. */
import createEngine, { type EngineModule } from 'virtual:engine-glue';
import { loadWasm } from 'virtual:engine-wasm';
import type { EstimateRequest, EstimateResponse, Refusal } from './types';

export class Engine {
  private constructor(
    private readonly wasmBinary: ArrayBuffer,
    private module: EngineModule,
    readonly version: string,
  ) {}

  static async start(): Promise<Engine> {
    const wasmBinary = await loadWasm();
    const module = await createEngine({ wasmBinary });
    const { result } = JSON.parse(module.version()) as { result: { version: string } };
    return new Engine(wasmBinary, module, result.version);
  }

  estimate(request: EstimateRequest): EstimateResponse {
    try {
      return JSON.parse(this.module.estimate(JSON.stringify(request))) as EstimateResponse;
    } catch (cause) {
      // Memory ran out, or a defect: this instance may be unusable, the next estimate gets a new one.
      void createEngine({ wasmBinary: this.wasmBinary }).then((module) => (this.module = module));
      return stopped(cause);
    }
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
