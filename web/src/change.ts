/** A change that the engine proposes, as the page would make it. */
import type { Change } from './engine/types';
import type { Inputs } from './inputs';
import { GiB } from './typed';

/** The inputs that a proposed change stands for. */
export function applied(inputs: Inputs, { change, value, gpus }: Change): Partial<Inputs> {
  const text = String(value);
  switch (change) {
    case 'tp':
      // As few nodes as the link joins, where there were fewer.
      return { gpus: String(gpus ?? value), ...(inputs.nodes.trim() === '' ? {} : { nodes: '' }) };
    case 'weights':
      return { weights: text as Inputs['weights'] };
    case 'kv_cache':
      return { kvCache: text as Inputs['kvCache'] };
    case 'concurrency':
      return { concurrency: text };
    case 'context_tokens': {
      // Prompt and output share the context: keep the prompt if that leaves room for an answer.
      const context = Number(value);
      const prompt = Math.min(Number(inputs.inputTokens), context - 1);
      return { inputTokens: String(prompt), outputTokens: String(context - prompt) };
    }
    case 'offload':
      // A little more than the least, in the unit of the field.
      return { offloadWeights: String(Math.ceil((Number(value) / GiB) * 100) / 100) };
    default:
      return {};
  }
}
