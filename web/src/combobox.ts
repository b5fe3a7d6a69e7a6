/** What a combobox is doing: whether its list is open, what was typed into it, which option the keys point to. */
export class ComboboxState {
  #isOpen = false;
  #typed: string | undefined;
  #active: string | undefined;

  constructor(private readonly redraw: () => void) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Undefined until something is typed: the field still shows what is chosen. */
  get typed(): string | undefined {
    return this.#typed;
  }

  /** The value of the option that was moved to; undefined: the one that offers itself. */
  get active(): string | undefined {
    return this.#active;
  }

  open(): void {
    this.#isOpen = true;
    this.redraw();
  }

  type(text: string): void {
    this.#typed = text;
    this.#active = undefined;
    this.open();
  }

  moveTo(value: string): void {
    this.#active = value;
    this.redraw();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#typed = undefined;
    this.#active = undefined;
    this.redraw();
  }
}
