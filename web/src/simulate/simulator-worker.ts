/** Runs the simulator apart from the page, which stays usable meanwhile. */
import createSimulator, { type SimulatorModule } from 'virtual:simulator-glue';
import type { Report, Task } from './protocol';

let starting: Promise<SimulatorModule> | undefined;
const added = new Set<string>();

const report = (said: Report): void => {
  postMessage(said);
};

async function run({ wasm, calibrations, request }: Task): Promise<void> {
  if (wasm) starting = createSimulator({ wasmBinary: wasm });
  const simulator = await starting;
  if (!simulator) throw new Error('no module');
  for (const text of calibrations.filter((one) => !added.has(one))) {
    const refused = simulator.addCalibration(text);
    if (refused !== '') throw new Error(refused);
    added.add(text);
  }
  const response = simulator.simulate(request, (progress) => {
    report({ progress });
  });
  report({ response });
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  run(data).catch((cause: unknown) => {
    report({ stopped: cause instanceof Error ? cause.message : String(cause) });
  });
};
