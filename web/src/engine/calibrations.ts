/**
 * Calibrations: kernels as they were measured. An estimate rests on that of its accelerator or of one like it,
 * which is fetched and handed to the engine when it is first needed.
 */
import { calibrations as files } from 'virtual:calibrations';
import { Lazy } from '../presets/lazy';
import type { Engine } from './engine';

export interface Calibration {
  /** Of the accelerator that was measured. */
  readonly id: string;
  readonly name: string;
  /** Here once the engine has it. */
  readonly text: Lazy<string>;
}

export class Calibrations {
  readonly #all: ReadonlyMap<string, Calibration>;

  constructor(
    private readonly engine: Pick<Engine, 'addCalibration' | 'calibrationOf'>,
    from: typeof files = files,
  ) {
    const entries = Object.entries(from).map(([id, { name, load }]): Calibration => {
      const text = new Lazy(async () => {
        const loaded = await load();
        engine.addCalibration(loaded);
        return loaded;
      });
      return { id, name, text };
    });
    this.#all = new Map(entries.map((one) => [one.id, one]));
  }

  /** What the estimates of an accelerator rest on; null where none like it was measured. */
  of(accelerator: unknown): Calibration | null {
    return this.#all.get(this.engine.calibrationOf(accelerator) ?? '') ?? null;
  }
}
