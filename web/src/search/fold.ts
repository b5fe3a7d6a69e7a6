/** Texts as a search compares them: without case, width, spaces, dashes, dots and the like. */

const separators = /[^\p{L}\p{N}+]+/u;

/** Between words: spaces and signs, dots apart, and where Chinese meets Latin ("昇腾910B"). */
const boundaries = /[^\p{L}\p{N}+.]+|(?<=\p{Script=Han})(?=[\da-z])|(?<=[\da-z+])(?=\p{Script=Han})/u;

/** One case, and full-width forms as the narrow ones. */
export const narrow = (text: string): string => text.normalize('NFKC').toLowerCase();

/** "Qwen2.5-32B" and "qwen 2.5 32b" → "qwen2532b". */
export const fold = (text: string): string => narrow(text).split(separators).join('');

/**
 * What one may begin to type of a text: all of it, and all from each later word on, folded.
 * "Llama 3.1-8B" → "llama318b", "318b", "18b", "8b".
 */
export function starts(text: string): readonly string[] {
  const words = narrow(text)
    .split(boundaries)
    .flatMap((word) => word.split('.'))
    .map(fold)
    .filter((word) => word !== '');
  return words.map((_, index) => words.slice(index).join(''));
}
