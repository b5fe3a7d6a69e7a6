/** The reader's language and theme, kept for the next visit where the browser allows it. */

export type Theme = 'light' | 'dark';

export function recall(name: 'language' | 'theme'): string | null {
  try {
    return localStorage.getItem(`tokencast.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: 'language' | 'theme', value: string): void {
  try {
    localStorage.setItem(`tokencast.${name}`, value);
  } catch {
    // Storage is switched off: the choice holds until the page is closed.
  }
}
