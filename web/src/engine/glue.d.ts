// What CMake's build/wasm/tokencast.mjs exports (engine/bindings).
declare module 'virtual:engine-glue' {
  export interface EngineModule {
    estimate(request: string): string;
    describe(config: string): string;
    version(): string;
  }
  export default function createEngine(options: { wasmBinary: ArrayBuffer }): Promise<EngineModule>;
}

declare module 'virtual:engine-wasm' {
  /** The bytes of tokencast.wasm: fetched on the hosted page, embedded in the single file. */
  export function loadWasm(): Promise<ArrayBuffer>;
}
