/** The service worker: the page works without a network after the first visit. */
import { registerSW } from 'virtual:pwa-register';
import type { App } from '../app';

export function registerOffline(app: App): void {
  if (location.protocol === 'file:') return;
  // The library may tell of the same waiting version more than once.
  let told = false;
  const update = registerSW({
    onOfflineReady() {
      app.noteBriefly('offline.ready');
    },
    onNeedRefresh() {
      if (told) return;
      told = true;
      app.note({
        kind: 'info',
        text: 'offline.update',
        sticky: true,
        action: {
          label: 'offline.reload',
          run: () => {
            // The library reloads only pages that had a worker when they were opened.
            const { serviceWorker } = navigator;
            serviceWorker.addEventListener('controllerchange', reload, { once: true });
            void update(true);
          },
        },
      });
    },
  });
}

const reload = (): void => {
  location.reload();
};
