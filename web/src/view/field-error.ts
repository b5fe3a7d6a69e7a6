/**
 * What is wrong with a field. The engine speaks of the request, in SI units; a number is told in the unit
 * in which it was typed.
 */
import { peakField, type FieldId } from '../errors';
import type { EngineError } from '../engine/types';
import { engineText, type Message } from '../i18n';
import { peakTypes } from '../inputs';
import { memoryUnit } from '../presets/custom';
import { GiB } from '../typed';
import type { Unit, Units, View } from './context';

export const plain: Unit = { size: 1, name: '' };
export const percent: Unit = { size: 0.01, name: '%' };
const teraflops: Unit = { size: 1e12, name: ' TFLOPS' };
const gibibytes: Unit = { size: GiB, name: ' GiB' };
const bandwidth: Unit = { size: 1e9, name: ' GB/s' };

function unitOf(view: View, field: FieldId): Unit | undefined {
  const { custom, currency } = view.inputs;
  const memory: Unit = { size: memoryUnit(custom), name: ` ${custom.memoryUnit}` };
  const peaks = Object.fromEntries(peakTypes.map((type) => [peakField(type), teraflops]));
  const units: Units = {
    inputTokens: plain,
    outputTokens: plain,
    concurrency: plain,
    gpus: plain,
    pp: plain,
    dp: plain,
    ep: plain,
    nodes: plain,
    expertSkew: plain,
    draftTokens: plain,
    acceptance: percent,
    price: { size: 1, name: ` ${currency}` },
    memoryFraction: percent,
    offloadWeights: gibibytes,
    offloadKv: gibibytes,
    utilisation: percent,
    customMemory: memory,
    customUsable: memory,
    customBandwidth: bandwidth,
    customLink: bandwidth,
    customNic: bandwidth,
    customPcie: bandwidth,
    customDomain: plain,
    customYear: plain,
    customPcieGeneration: plain,
    customTdp: { size: 1, name: ' W' },
    ...peaks,
    ...view.units,
  };
  return units[field];
}

export function fieldError(view: View, field: FieldId, error: EngineError): Message {
  const unit = unitOf(view, field);
  const special = unit && numberError(view, error, unit);
  return special ?? formError(view, field, error) ?? engineText(view.language, error);
}

/** Where the engine's advice is of the request, and the form has another way to follow it. */
function formError({ t, language }: View, field: FieldId, error: EngineError): Message | undefined {
  const { code, params = {} } = error;
  if (code === 'illegal_layout' && params['reason'] === 'product') {
    return { message: t('field.layout', params), hint: t('field.layout.hint', params) };
  }
  if (field === 'disaggregation' && params['other'] === 'dp') {
    return { message: t('field.apart'), hint: t('field.apart.hint') };
  }
  if (field === 'draftModel' && code === 'missing_field') {
    return { message: t('form.draftModel.none'), hint: '' };
  }
  if (field !== 'gpus' || code !== 'illegal_tensor_parallel') return undefined;
  const { message, hint } = engineText(language, error);
  return { message, hint: t('field.replicas', { hint }) };
}

function numberError(
  { t, format }: View,
  { code, params = {} }: EngineError,
  unit: Unit,
): Message | undefined {
  const { found = '', minimum, maximum } = params;
  if (code === 'wrong_type') {
    if (found === '""') return { message: t('field.empty'), hint: '' };
    const isNumber = Number.isFinite(Number(found));
    return { message: t(isNumber ? 'field.notWhole' : 'field.notANumber', { found }), hint: '' };
  }
  if (code !== 'out_of_range' || minimum === undefined || maximum === undefined) return undefined;
  const shown = (text: string): string => `${format.exact(Number(text) / unit.size)}${unit.name}`;
  if (![found, minimum, maximum].every((text) => Number.isFinite(Number(text)))) return undefined;
  return {
    message: t('field.outside', { found: shown(found) }),
    hint: t('field.range', { minimum: shown(minimum), maximum: shown(maximum) }),
  };
}
