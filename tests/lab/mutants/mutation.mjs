// server.mjs [--mutation NAME] [--modern] [--http] [--late]: which mutation this process is.
const at = process.argv.indexOf('--mutation');
export const mutation = at < 0 ? '' : process.argv[at + 1];
export const modern = process.argv.includes('--modern');
export const http = process.argv.includes('--http');
export const startsAfterMs = process.argv.includes('--late') ? 2_600 : 0; // longer than anybody waits to learn the era
