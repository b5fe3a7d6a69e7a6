import { expect, it, vi } from 'vitest';
import { index } from 'virtual:calibrations';
import type { EngineModule } from 'virtual:engine-glue';
import { Engine } from '../src/engine/engine';
import { requestForEngine } from '../src/request';
import { defaultInputs } from '../src/inputs';

const request = requestForEngine(defaultInputs, { model: null, accelerator: null });
const { modules, createModule } = vi.hoisted(() => {
  const modules: { added: string[]; broken: boolean }[] = [];
  const createModule = (): Promise<EngineModule> => {
    const state: { added: string[]; broken: boolean } = { added: [], broken: false };
    modules.push(state);
    return Promise.resolve({
      estimate: () => {
        if (state.broken) throw new Error('unreachable');
        return JSON.stringify({ ok: true, added: state.added.length });
      },
      describe: () => '',
      addCalibration: (text) => {
        if (text === 'bad') return refusal;
        state.added.push(text);
        return '';
      },
      calibrationOf: (text) =>
        text === '{}' ? refusal : JSON.stringify({ ok: true, schema: 1, result: { calibration: 'h100' } }),
      version: () => JSON.stringify({ result: { version: '1' } }),
    });
  };
  const refusal = JSON.stringify({ ok: false, schema: 1, error: { message: 'no calibration' } });
  return { modules, createModule };
});
vi.mock('virtual:engine-glue', () => ({ default: createModule }));
vi.mock('virtual:engine-wasm', () => ({ loadWasm: () => Promise.resolve(new ArrayBuffer(0)) }));

it('an instance that takes the place of one that stopped knows the same calibrations', async () => {
  const engine = await Engine.start();
  engine.addCalibration('curves');
  expect(() => {
    engine.addCalibration('bad');
  }).toThrow('no calibration');
  const [first] = modules;
  if (first) first.broken = true;
  expect(engine.estimate(request)).toMatchObject({ ok: false, error: { code: 'internal' } });
  await vi.waitFor(() => {
    expect(engine.estimate(request)).toEqual({ ok: true, added: 2 });
  });
  expect(modules[1]?.added).toEqual([index, 'curves']);
});

it('an accelerator that the engine refuses rests on no calibration', async () => {
  const engine = await Engine.start();
  expect(engine.calibrationOf({ name: 'H100' })).toBe('h100');
  expect(engine.calibrationOf({})).toBeNull();
});
