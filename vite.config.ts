import { brotliCompressSync, constants } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Builds the web page into `dist/web`, each text with its brotli form beside it. */
export default defineConfig({
  root: 'src/web',
  base: '/',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  plugins: [compressed()],
});

/** Compressed once, when it is built: the server only sends it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [fileName, made] of Object.entries(bundle)) {
          if (!/\.(?:html|js|css|svg|json)$/.test(fileName)) continue;
          const text = Buffer.from(made.type === 'chunk' ? made.code : made.source);
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(text, { params }) });
        }
      },
    },
  };
}
