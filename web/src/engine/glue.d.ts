// What CMake's build/wasm/tokencast.mjs exports (engine/bindings).
declare module 'virtual:engine-glue' {
  export interface EngineModule {
    estimate(request: string): string;
    describe(config: string): string;
    /** Gives an empty text, or an error as `estimate` does. */
    addCalibration(text: string): string;
    calibrationOf(accelerator: string): string;
    version(): string;
  }
  export default function createEngine(options: { wasmBinary: ArrayBuffer }): Promise<EngineModule>;
}

declare module 'virtual:engine-wasm' {
  /** The bytes of tokencast.wasm: fetched on the hosted page, embedded in the single file. */
  export function loadWasm(): Promise<ArrayBuffer>;
}

// build/wasm/tokencast-simulate.mjs, for the worker (engine/bindings): the same engine with `simulate` and `compare`.
declare module 'virtual:simulator-glue' {
  import type { EngineModule } from 'virtual:engine-glue';

  export interface SimulatorModule extends EngineModule {
    /** `progress` is told the share that is done. */
    simulate(request: string, progress?: (share: number) => void): string;
    compare(request: string, measurement: string): string;
  }
  export default function createSimulator(options: { wasmBinary: ArrayBuffer }): Promise<SimulatorModule>;
}

declare module 'virtual:simulator-wasm' {
  /** The bytes of tokencast-simulate.wasm. */
  export function loadWasm(): Promise<ArrayBuffer>;
}

// web/src/engine/simulator-worker.ts: a file of its own on the hosted page, inside the single file.
declare module 'virtual:simulator-worker' {
  const SimulatorWorker: new () => Worker;
  export default SimulatorWorker;
}

// Made by build/calibrations-plugin.ts from presets/calibration/*.json.
declare module 'virtual:calibrations' {
  /** Which accelerators were measured, and the profiles of engines. */
  export const index: string;
  /** By the id of the accelerator that was measured. */
  export const calibrations: Readonly<
    Record<string, { readonly name: string; readonly load: () => Promise<string> }>
  >;
}
