/** Stands in for the service worker's registration in the single file, which is offline already. */
export const registerSW = (): (() => Promise<void>) => () => Promise.resolve();
