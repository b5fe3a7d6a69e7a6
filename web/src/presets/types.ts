/** Presets as the files in presets/ hold them; docs/wire-format.md says what each field means. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface PresetEntry {
  readonly id: string;
  readonly name: string;
  /** Vendor of an accelerator, organisation behind a model. */
  readonly maker: string;
  readonly aliases: readonly string[];
}

export interface ModelFile {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  readonly licence?: string;
  readonly links?: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, Json>>;
}

/** A number, or a number with its origin. */
export type Figure =
  number | { readonly value: number; readonly confidence?: string; readonly source?: string };

export interface AcceleratorFile {
  readonly id: string;
  readonly vendor: string;
  readonly name: string;
  readonly memory_bytes: Figure;
  readonly memory_bandwidth_bytes_per_s: Figure;
  readonly peak_flops_per_s: Readonly<Partial<Record<string, Figure>>>;
  readonly link?: {
    readonly type?: string;
    readonly topology?: string;
    readonly bandwidth_bytes_per_s: Figure;
    readonly domain_size?: number;
  };
  readonly [key: string]: unknown;
}
