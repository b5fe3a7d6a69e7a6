/** An accelerator that is not in the list, by the figures of its datasheet. */
import { html, type TemplateResult } from 'lit-html';
import { memoryUnits, type CustomAccelerator } from '../inputs';
import type { FieldId } from '../errors';
import type { View } from './context';
import { textField } from './field';

interface CustomField {
  readonly id: FieldId;
  readonly key: Exclude<keyof CustomAccelerator, 'memoryUnit'>;
  readonly label: string;
  readonly unit?: string;
}

export function customAccelerator(view: View): TemplateResult {
  const { t, inputs, actions } = view;
  const change = (patch: Partial<CustomAccelerator>): void => {
    actions.change({ custom: { ...inputs.custom, ...patch } });
  };
  const field = ({ id, key, label, unit }: CustomField): TemplateResult =>
    textField(view, {
      id,
      label,
      ...(unit === undefined ? {} : { unit }),
      inputmode: key === 'name' ? 'text' : 'decimal',
      value: inputs.custom[key],
      onInput: (text) => {
        change({ [key]: text });
      },
    });
  const peak = (id: FieldId, key: 'fp16' | 'bf16' | 'fp8' | 'int8'): TemplateResult =>
    field({ id, key, label: key.toUpperCase(), unit: key === 'int8' ? 'TOPS' : 'TFLOPS' });
  return html`<fieldset class="custom">
    <legend>${t('custom.legend')}</legend>
    ${field({ id: 'customName', key: 'name', label: t('custom.name') })}
    <div class="row halves">
      <div class="memory-with-unit">
        ${field({ id: 'customMemory', key: 'memory', label: t('custom.memory') })}
        <select
          aria-label=${t('custom.memoryUnit')}
          @change=${(event: Event) => {
            const { value } = event.target as HTMLSelectElement;
            change({ memoryUnit: value === 'GB' ? 'GB' : 'GiB' });
          }}
        >
          ${memoryUnits.map(
            (unit) => html`<option .selected=${unit === inputs.custom.memoryUnit}>${unit}</option>`,
          )}
        </select>
      </div>
      ${field({ id: 'customBandwidth', key: 'bandwidth', label: t('custom.bandwidth'), unit: 'GB/s' })}
      ${peak('customBf16', 'bf16')} ${peak('customFp16', 'fp16')} ${peak('customFp8', 'fp8')}
      ${peak('customInt8', 'int8')}
      ${field({ id: 'customLink', key: 'link', label: t('custom.link'), unit: 'GB/s' })}
    </div>
    <p class="hint">${t('custom.hint')}</p>
  </fieldset>`;
}
