import { describe, expect, it, vi } from 'vitest';
import { calibrations as files, index } from 'virtual:calibrations';
import { Calibrations } from '../src/engine/calibrations';

/** Which stands for an accelerator, by its architecture. */
function engineWith(known: Readonly<Record<string, string>>) {
  return {
    addCalibration: vi.fn<(text: string) => void>(),
    calibrationOf: (accelerator: unknown) =>
      known[(accelerator as { architecture: string }).architecture] ?? null,
  };
}

describe('calibrations', () => {
  it('are fetched and handed to the engine once, whichever accelerator rests on them', async () => {
    const engine = engineWith({ Hopper: 'h100', 'Hopper too': 'h100' });
    const load = vi.fn(() => Promise.resolve('curves'));
    const calibrations = new Calibrations(engine, { h100: { name: 'H100', load } });
    const first = calibrations.of({ architecture: 'Hopper' });
    expect(first).toMatchObject({ id: 'h100', name: 'H100' });
    expect(first?.text.now).toBeUndefined();
    await first?.text.load();
    const second = calibrations.of({ architecture: 'Hopper too' });
    expect(second?.text.now).toBe('curves');
    await second?.text.load();
    expect(load).toHaveBeenCalledTimes(1);
    expect(engine.addCalibration.mock.calls).toEqual([['curves']]);
  });

  it('are none where nothing alike was measured, or what the engine names is not here', () => {
    const calibrations = new Calibrations(engineWith({ Hopper: 'h100' }), {});
    expect(calibrations.of({ architecture: 'CDNA 3' })).toBeNull();
    expect(calibrations.of({ architecture: 'Hopper' })).toBeNull();
  });

  it('that could not be fetched, or that the engine refuses, are fetched again when asked', async () => {
    const engine = engineWith({ Hopper: 'h100' });
    const load = vi.fn(() => Promise.resolve('curves')).mockRejectedValueOnce(new Error('offline'));
    engine.addCalibration.mockImplementationOnce(() => {
      throw new Error('refused');
    });
    const calibration = new Calibrations(engine, { h100: { name: 'H100', load } }).of({
      architecture: 'Hopper',
    });
    for (const reason of ['offline', 'refused']) {
      await expect(calibration?.text.load()).rejects.toThrow(reason);
      expect(calibration?.text.failed).toBe(true);
    }
    await calibration?.text.load();
    expect(calibration?.text).toMatchObject({ now: 'curves', failed: false });
  });

  it('are one for each accelerator that the index says was measured', async () => {
    const { measured } = JSON.parse(index) as { measured: { accelerator: string }[] };
    expect(Object.keys(files)).toEqual(measured.map(({ accelerator }) => accelerator));
    for (const [id, { name, load }] of Object.entries(files)) {
      expect(JSON.parse(await load())).toMatchObject({ schema: 1, accelerator: id });
      expect(name).not.toBe('');
    }
  });
});
