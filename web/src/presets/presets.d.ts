// Made by build/presets-plugin.ts from presets/{models,accelerators}/*.json.
declare module 'virtual:presets' {
  type Catalogue = import('./types').Catalogue;
  type ModelFile = import('./types').ModelFile;
  type AcceleratorFile = import('./types').AcceleratorFile;
  export const defaultModel: ModelFile;
  export const defaultAccelerator: AcceleratorFile;
  /** What lists and searches need of all presets. */
  export const loadCatalogue: () => Promise<Catalogue>;
  /** The files themselves. */
  export const loadModels: () => Promise<readonly ModelFile[]>;
  export const loadAccelerators: () => Promise<readonly AcceleratorFile[]>;
}
