/** The floors of ARCHITECTURE.md as rules: imports only run down, nothing runs in circles, a technology stays in its folder. */

/** Which folders of `src/` each folder may import, besides itself. */
const floors = {
  core: [],
  contracts: ['core'],
  ports: ['core'],
  media: ['core'],
  engine: ['core', 'ports'],
  adapters: ['core', 'ports'],
  accounts: ['core', 'ports'],
  services: ['core', 'ports', 'media'],
  http: ['core', 'contracts', 'ports', 'engine', 'accounts'],
  dropin: ['core', 'contracts', 'ports', 'engine', 'accounts', 'http'],
  client: ['core', 'contracts'],
  ui: ['core', 'contracts', 'client'],
  web: ['core', 'contracts', 'client', 'ui'],
  app: ['core', 'contracts', 'ports', 'media', 'engine', 'adapters', 'accounts', 'services', 'http', 'dropin'],
  cli: ['core', 'client', 'app'],
};

/** The only folder that may import a library. */
const homes = {
  'better-sqlite3': 'src/adapters/sqlite/',
  sharp: 'src/media/',
  'tesseract.js': 'src/media/',
  '@hyzyla/pdfium': 'src/media/',
  'onnxruntime-node': 'src/media/onnx\\.ts$',
  fastify: 'src/http/',
  '@fastify/[^/]+': 'src/(http|dropin)/',
  ws: 'src/(http|client)/',
  '@tus/server': 'src/http/',
  commander: 'src/cli/',
  pg: 'src/adapters/postgres/',
  'rabbitmq-client': 'src/adapters/rabbitmq/',
  ioredis: 'src/adapters/redis/',
  '@aws-sdk/client-s3': 'src/adapters/s3/',
  '@aws-sdk/client-sqs': 'src/adapters/sqs/',
  mqtt: 'src/adapters/mqtt/',
  'prom-client': 'src/adapters/prometheus/',
  nodemailer: 'src/adapters/smtp/',
  preact: 'src/(ui|web|services/[^/]+/page)',
  'preact-iso': 'src/web/',
  '@preact/signals': 'src/(ui|web)/',
  uplot: 'src/ui/',
};

/** Tests may reach across: they open real adapters and use `test/support`. */
const tests = '\\.(test|suite)\\.tsx?$';

/** The page of a service and its parts: they have rules of their own below. */
const page = '^src/services/[^/]+/page(\\.tsx$|/)';

const floorRules = Object.entries(floors).map(([folder, below]) => ({
  name: `floor-${folder}`,
  comment: `src/${folder} may import ${below.length === 0 ? 'no other folder' : below.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: [tests, page] },
  to: { path: '^src/', pathNot: [`^src/(${[folder, ...below].join('|')})/`, page] },
}));

const homeRules = Object.entries(homes).map(([library, folder]) => ({
  name: `home-${library.replace(/\W+/g, '-')}`,
  comment: `${library} is imported in ${folder} alone`,
  severity: 'error',
  from: { path: '^src/', pathNot: [tests, `^${folder}`] },
  to: { path: `(^|/)node_modules/(@types/)?${library}/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'known-folders',
      comment: 'A new folder of src needs a floor first',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(floors).join('|')})/` },
      to: {},
    },
    ...floorRules,
    ...homeRules,
    {
      name: 'services-are-apart',
      comment: 'A service never imports another: what two need goes to src/media',
      severity: 'error',
      from: { path: '^src/services/([^/]+)/' },
      to: { path: '^src/services/', pathNot: '^src/services/$1/' },
    },
    {
      name: 'adapters-are-apart',
      comment: 'An adapter never imports another: what two need goes to src/ports or src/core',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/', pathNot: tests },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'service-pages',
      comment: "A service's page.tsx and its parts in page/ may import src/ui and the service's own contract only",
      severity: 'error',
      from: { path: '^src/services/([^/]+)/page(\\.tsx$|/)' },
      to: { path: '^src/', pathNot: ['^src/ui/', '^src/services/$1/contract\\.ts$', '^src/services/$1/page/'] },
    },
    {
      name: 'pages-from-the-web-only',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/web/', page, tests] },
      to: { path: page },
    },
    {
      name: 'no-tests-in-the-program',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: ['^test/', tests] },
    },
    {
      name: 'declared-libraries',
      comment: 'The program imports only what stands under dependencies in package.json; what the page uses is in its bundle',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '^src/(ui|web)/', page] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
  },
};
