/** All Chinese texts, which only their readers load. */
export { default as engine } from './engine-zh.json';
export { default as page } from './zh.json';
