/** Something that is fetched once, when it is first needed, and again after it failed. */
export class Lazy<Value> {
  #value: Value | undefined;
  #loading: Promise<Value> | undefined;
  #failed = false;

  constructor(private readonly fetch: () => Promise<Value>) {}

  /** Undefined while it is not here. */
  get now(): Value | undefined {
    return this.#value;
  }

  /** Whether the last attempt failed, and no other is under way. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether it is on its way. */
  get pending(): boolean {
    return this.#loading !== undefined && this.#value === undefined;
  }

  load(): Promise<Value> {
    this.#loading ??= this.#fetch();
    return this.#loading;
  }

  async #fetch(): Promise<Value> {
    this.#failed = false;
    try {
      this.#value = await this.fetch();
      return this.#value;
    } catch (cause) {
      this.#failed = true;
      this.#loading = undefined;
      throw cause;
    }
  }
}
