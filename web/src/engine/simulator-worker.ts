/** Runs the engine's second module apart from the page, which stays usable meanwhile. */
import createSimulator, { type SimulatorModule } from 'virtual:simulator-glue';
import type { Report, Task } from './protocol';

let starting: Promise<SimulatorModule> | undefined;
const added = new Set<string>();

const report = (said: Report): void => {
  postMessage(said);
};

async function run(task: Task): Promise<void> {
  if (task.wasm) starting = createSimulator({ wasmBinary: task.wasm });
  const module = await starting;
  if (!module) throw new Error('no module');
  for (const text of task.calibrations.filter((one) => !added.has(one))) {
    const refused = module.addCalibration(text);
    if (refused !== '') throw new Error(refused);
    added.add(text);
  }
  const start = performance.now();
  const response = answer(module, task);
  report({ response, tookMs: performance.now() - start });
}

function answer(module: SimulatorModule, task: Task): string {
  if (task.kind === 'compare') return module.compare(task.request, task.measurement);
  return module.simulate(task.request, (progress) => {
    report({ progress });
  });
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  run(data).catch((cause: unknown) => {
    report({ stopped: cause instanceof Error ? cause.message : String(cause) });
  });
};
