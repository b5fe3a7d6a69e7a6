import { expect, it, vi } from 'vitest';
import { Lazy } from '../src/presets/lazy';
import { Shelf } from '../src/presets';

it('what is needed is fetched once, and again after it failed', async () => {
  const fetch = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('offline'));
  fetch.mockResolvedValue('here');
  const lazy = new Lazy(fetch);
  expect(lazy.now).toBeUndefined();
  await expect(lazy.load()).rejects.toThrow('offline');
  expect(lazy.failed).toBe(true);
  const loading = Promise.all([lazy.load(), lazy.load()]);
  expect(lazy.failed).toBe(false);
  expect(await loading).toEqual(['here', 'here']);
  expect(lazy.now).toBe('here');
  expect(fetch).toHaveBeenCalledTimes(2);
});

it('a preset is here at once, or after all of its kind were fetched', async () => {
  const load = vi.fn(() => Promise.resolve([{ id: 'a' }, { id: 'b' }]));
  const shelf = new Shelf({ id: 'a' }, load);
  expect(shelf.now('a')).toEqual({ id: 'a' });
  expect(shelf.now('b')).toBeUndefined();
  expect(await shelf.load('a')).toEqual({ id: 'a' });
  expect(load).not.toHaveBeenCalled();
  expect(await shelf.load('b')).toEqual({ id: 'b' });
  expect(shelf.now('b')).toEqual({ id: 'b' });
  await expect(shelf.load('c')).rejects.toThrow('No preset c');
  expect(load).toHaveBeenCalledTimes(1);
});
