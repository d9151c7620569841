import {defineConfig} from 'vite';

// The script other applications include: one file under a name that never changes, after the dashboard's own build.
export default defineConfig({
  publicDir: false,
  build: {target: 'es2021', emptyOutDir: false, reportCompressedSize: false, copyPublicDir: false, lib: {entry: 'lens/main.ts', name: 'telltaleRtc', formats: ['iife'], fileName: () => 'telltale-rtc.js'}},
});
