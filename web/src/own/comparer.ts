/** Compares a measurement with what is predicted for it: in a worker, as a long table takes seconds. */
import { Background, fetchAhead } from '../engine/background';
import type { CompareResponse, EstimateRequest } from '../engine/types';

export type Compared =
  | { readonly response: CompareResponse; readonly tookMs: number }
  /** Why there is no response. */
  | { readonly stopped: string };

export class Comparer {
  /** calibrations: those that the page's own engine has; it may be given more. */
  constructor(
    private readonly calibrations: readonly string[],
    private readonly background = new Background(),
  ) {
    fetchAhead();
  }

  /** Instead of the comparison that runs, which then says nothing more. */
  compare(request: EstimateRequest, measurement: string, ended: (compared: Compared) => void): void {
    const { calibrations } = this;
    this.background.run(
      { kind: 'compare', calibrations, request: JSON.stringify(request), measurement },
      (ending) => {
        if ('stopped' in ending) ended(ending);
        else ended({ ...ending, response: JSON.parse(ending.response) as CompareResponse });
      },
    );
  }

  giveUp(): void {
    this.background.giveUp();
  }
}
