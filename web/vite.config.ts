import react from '@vitejs/plugin-react';
import {defineConfig} from 'vite';
import {licences} from './scripts/licences.mjs';

// No inline script or style may be made: the server's content security policy refuses them.
export default defineConfig({
  plugins: [react(), licences()],
  worker: {format: 'es'},
  build: {target: 'es2022', modulePreload: {polyfill: false}, assetsInlineLimit: 0, cssCodeSplit: false, reportCompressedSize: false},
  server: {proxy: {'/api': 'http://127.0.0.1:8000', '/ws': {target: 'ws://127.0.0.1:8000', ws: true}}},
});
