/** All English texts of the page; the engine speaks English by itself. */
export { default as page } from './en.json';
