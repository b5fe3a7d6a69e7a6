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

// The same engine with `simulate` and `compare`, in a module that only their readers load.
declare module 'virtual:simulator-glue' {
  import type { EngineModule } from 'virtual:engine-glue';
  export interface SimulatorModule extends EngineModule {
    compare(request: string, measurement: string): string;
  }
  export default function createSimulator(options: { wasmBinary: ArrayBuffer }): Promise<SimulatorModule>;
}

declare module 'virtual:simulator-wasm' {
  /** The bytes of tokencast-simulate.wasm. */
  export function loadWasm(): Promise<ArrayBuffer>;
}

declare module 'virtual:engine-wasm' {
  /** The bytes of tokencast.wasm: fetched on the hosted page, embedded in the single file. */
  export function loadWasm(): Promise<ArrayBuffer>;
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
