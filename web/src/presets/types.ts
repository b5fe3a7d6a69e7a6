/** Presets as the files in presets/ hold them; docs/wire-format.md says what each field means. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What the lists show and search of a preset; build/presets-plugin.ts takes it from the file. */
export interface PresetEntry {
  readonly id: string;
  readonly name: string;
  /** Vendor of an accelerator, organisation behind a model. */
  readonly maker: string;
  readonly aliases: readonly string[];
}

export interface ModelEntry extends PresetEntry {
  /** "2024-09" */
  readonly released?: string;
  /** What goes in: "text", "image", "audio", "video". */
  readonly modality?: readonly string[];
}

export interface AcceleratorEntry extends PresetEntry {
  readonly memory_bytes: number;
  readonly memory_bandwidth_bytes_per_s: number;
  readonly memory_type?: string;
  readonly architecture?: string;
  readonly class?: string;
  readonly year?: number;
}

export interface Catalogue {
  readonly models: readonly ModelEntry[];
  readonly accelerators: readonly AcceleratorEntry[];
  /** What makers are called as well. */
  readonly makers: Readonly<Record<string, readonly string[]>>;
}

/** A checkpoint of the same model in another format of weights. */
export interface Variant {
  readonly name: string;
  readonly hub?: string;
  readonly weights: string;
}

export interface ModelFile {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  readonly licence?: string;
  readonly released?: string;
  readonly aliases?: readonly string[];
  readonly modality?: readonly string[];
  readonly variants?: readonly Variant[];
  readonly links?: Readonly<Record<string, string>>;
  readonly sources?: readonly string[];
  readonly note?: string;
  readonly config: Readonly<Record<string, Json>>;
}

/** A number, or a number with its origin. */
export type Figure = number | FigureWithOrigin;

export interface FigureWithOrigin {
  readonly value: number;
  readonly confidence?: string;
  /** A key of the file's `sources`. */
  readonly source?: string;
  readonly note?: string;
}

export interface Price {
  readonly kind: string;
  readonly currency: string;
  /** For each accelerator; of a rental, for an hour. */
  readonly value: number;
  /** "2026-05" */
  readonly date: string;
  readonly source?: string;
  readonly note?: string;
}

export interface AcceleratorFile {
  readonly id: string;
  readonly vendor: string;
  readonly name: string;
  readonly memory_bytes: Figure;
  readonly memory_bandwidth_bytes_per_s: Figure;
  readonly peak_flops_per_s: Readonly<Partial<Record<string, Figure>>>;
  readonly [key: string]: unknown;
}
