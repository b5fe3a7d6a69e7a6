// Made by build/presets-plugin.ts from presets/{models,accelerators}/*.json.
declare module 'virtual:presets' {
  type PresetEntry = import('./types').PresetEntry;
  type ModelFile = import('./types').ModelFile;
  type AcceleratorFile = import('./types').AcceleratorFile;
  export const models: readonly PresetEntry[];
  export const accelerators: readonly PresetEntry[];
  export const defaultModel: ModelFile;
  export const defaultAccelerator: AcceleratorFile;
  export const modelLoaders: Readonly<Record<string, () => Promise<{ default: ModelFile }>>>;
  export const acceleratorLoaders: Readonly<Record<string, () => Promise<{ default: AcceleratorFile }>>>;
}
