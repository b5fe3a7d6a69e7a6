interface ImportMetaEnv {
  /** Set by vite.single.config.ts: the page is one file on somebody's disk. */
  readonly SINGLE_FILE?: boolean;
}
