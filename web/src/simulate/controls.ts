/** Everything of the load that can be chosen or typed. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Units, View } from '../view/context';
import { selectField, textField } from '../view/field';
import { percent, plain } from '../view/field-error';
import {
  arrivalKinds,
  isApart,
  isOpenLoop,
  lengthKinds,
  statistics,
  textOf,
  usualSpread,
  withText,
  type Typable,
} from './fields';
import type { Say, TextKey } from './texts';

const seconds = { size: 1, name: ' s' };
const milliseconds = { size: 1e-3, name: ' ms' };

export const loadUnits: Units = {
  users: plain,
  requestRate: { size: 1, name: '/s' },
  thinkTime: seconds,
  burstiness: plain,
  inputSpread: percent,
  outputSpread: percent,
  prefixHit: percent,
  ttftLimit: milliseconds,
  tpotLimit: milliseconds,
  maxSequences: plain,
  maxBatchedTokens: plain,
  blockTokens: plain,
  prefillInstances: plain,
  decodeInstances: plain,
  requests: plain,
  seed: plain,
};

interface More {
  readonly unit?: string;
  readonly hint?: string;
  readonly placeholder?: string;
}

export function controls(view: View, say: Say): TemplateResult {
  const { inputs, actions, answer } = view;
  const { load } = inputs;
  const set = (field: Typable, text: string): void => {
    actions.change({ load: withText(load, field, text) });
  };
  const number = (id: Typable, label: string, more: More = {}): TemplateResult =>
    textField(view, {
      id,
      label,
      ...more,
      inputmode: 'decimal',
      value: textOf(load, id),
      onInput: (text) => {
        set(id, text);
      },
    });
  const choice = (
    id: Typable,
    label: string,
    options: readonly (readonly [string, TextKey])[],
    hint?: string,
  ): TemplateResult =>
    selectField(view, {
      id,
      label,
      ...(hint === undefined ? {} : { hint }),
      value: textOf(load, id),
      options: options.map(([value, key]) => ({ value, label: say(key) })),
      onChange: (text) => {
        set(id, text);
      },
    });
  const users = textField(view, {
    id: 'users',
    label: say('users'),
    hint: say('users.hint'),
    value: inputs.concurrency,
    onInput: (concurrency) => {
      actions.change({ concurrency });
    },
  });

  const lengthKind = lengthKinds.find((name) => name === textOf(load, 'lengths'));
  const spread = usualSpread[lengthKind ?? 'fixed'];
  const spreadHint = lengthKind === 'uniform' ? say('spread.uniform') : say('spread.lognormal');
  const own = answer?.result.deployment;
  const instanceHint = say('apart.gpus', { count: own?.gpus ?? 1 });
  const engines = (value: number | undefined): More =>
    value === undefined ? {} : { placeholder: String(value) };

  return html`<form
    class="load-form"
    aria-label=${say('form')}
    @submit=${(event: Event) => {
      event.preventDefault();
    }}
  >
    <div class="load-group">
      ${choice('loadKind', say('kind'), [
        ['users', 'kind.users'],
        ['rate', 'kind.rate'],
      ])}
      ${
        isOpenLoop(load)
          ? html`${number('requestRate', say('rate'), { unit: say('rate.unit') })}
            ${choice(
              'arrivals',
              say('arrivals'),
              arrivalKinds.map((name) => [name, `arrivals.${name}`]),
            )}
            ${
              textOf(load, 'arrivals') === 'bursty'
                ? number('burstiness', say('burstiness'), { hint: say('burstiness.hint') })
                : nothing
            }`
          : html`${users} ${number('thinkTime', say('think'), { unit: 's', hint: say('think.hint') })}`
      }
    </div>
    <p class="hint">${say(isOpenLoop(load) ? 'kind.rate.hint' : 'kind.users.hint')}</p>
    <div class="load-group">
      ${choice(
        'lengths',
        say('lengths'),
        lengthKinds.map((name) => [name, `lengths.${name}`]),
        lengthKind && say(`lengths.${lengthKind}.hint`),
      )}
      ${
        spread === undefined
          ? nothing
          : html`${number('inputSpread', say('inputSpread'), { unit: '%', placeholder: spread, hint: spreadHint })}
            ${number('outputSpread', say('outputSpread'), { unit: '%', placeholder: spread, hint: spreadHint })}`
      }
      ${number('prefixHit', say('prefixHit'), { unit: '%', hint: say('prefixHit.hint') })}
    </div>
    <fieldset>
      <legend>${say('limits')}</legend>
      <div class="load-group">
        ${number('ttftLimit', say('ttftLimit'), { unit: 'ms', placeholder: say('limit.none') })}
        ${number('tpotLimit', say('tpotLimit'), { unit: 'ms', placeholder: say('limit.none') })}
        ${choice(
          'statistic',
          say('statistic'),
          statistics.map((name) => [name, `statistic.${name}`]),
        )}
      </div>
      <p class="hint">${say('limits.hint')}</p>
    </fieldset>
    <div class="load-group">
      ${choice(
        'disaggregation',
        say('apart'),
        [
          ['together', 'apart.together'],
          ['apart', 'apart.apart'],
        ],
        say('apart.hint'),
      )}
      ${
        isApart(load)
          ? html`${number('prefillInstances', say('apart.prefill'), { hint: instanceHint })}
            ${number('decodeInstances', say('apart.decode'))}`
          : nothing
      }
    </div>
    <details ?open=${['ms', 'mt', 'bt'].some((name) => load[name] !== undefined)}>
      <summary>${say('scheduler')}</summary>
      <div class="load-group">
        ${number('maxSequences', say('maxSequences'), { ...engines(own?.max_sequences), hint: say('maxSequences.hint') })}
        ${number('maxBatchedTokens', say('maxBatchedTokens'), {
          ...engines(own?.max_batched_tokens),
          hint: say('maxBatchedTokens.hint'),
        })}
        ${number('blockTokens', say('blockTokens'), {
          ...engines(own?.block_tokens),
          unit: say('tokens'),
          hint: say('blockTokens.hint'),
        })}
      </div>
      <p class="hint">${say('scheduler.hint')}</p>
    </details>
    <details ?open=${['rq', 'sd'].some((name) => load[name] !== undefined)}>
      <summary>${say('sample')}</summary>
      <div class="load-group">
        ${number('requests', say('requests'), { hint: say('requests.hint') })}
        ${number('seed', say('seed'), { hint: say('seed.hint') })}
      </div>
    </details>
  </form>`;
}
