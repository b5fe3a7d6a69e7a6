/** Misspelt words: whether one letter more, less, other or swapped makes the difference. */

const isDigit = (character: string | undefined): boolean => character !== undefined && /\d/.test(character);

/** Whether `text` begins with `word`, but for one edit. A digit is never taken for a slip: 4080 is no 4090. */
export function beginsWithOneEdit(text: string, word: string): boolean {
  let at = 0;
  while (at < word.length && word[at] === text[at]) at += 1;
  if (at === word.length) return true;
  const typed = word[at];
  const meant = text[at];
  const rest = word.slice(at + 1);
  const added = !isDigit(typed) && text.startsWith(rest, at);
  if (meant === undefined || isDigit(meant)) return added;
  const left = text.startsWith(word.slice(at), at + 1);
  if (isDigit(typed)) return left;
  const other = text.startsWith(rest, at + 1);
  const swapped =
    word[at + 1] === meant && text[at + 1] === typed && text.startsWith(word.slice(at + 2), at + 2);
  return added || left || other || swapped;
}
