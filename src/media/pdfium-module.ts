import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { PDFiumModule } from '@hyzyla/pdfium';
import { formatBytes } from '../core/byte-sizes.ts';
import { ServiceError } from '../core/errors.ts';

// PDFium, compiled to WebAssembly, by its C functions (https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/).
// The library around it wraps only some of them. Only for executors: one PDF can break a module or make it large for good.

/** What a PDF may need in memory, its own bytes included; beyond it the module gets none, which breaks it in an orderly way. */
const heapBytesMax = 1024 ** 3;
/** WebAssembly memory never shrinks: a module that grew beyond this is not used for another PDF. */
const keptHeapBytesMax = 256 * 1024 ** 2;

const functionNames = [
  ...(['malloc', 'free', 'FPDF_InitLibrary', 'FPDF_GetLastError', 'FPDF_LoadMemDocument', 'FPDF_CloseDocument'] as const),
  ...(['FPDF_GetPageCount', 'FPDF_LoadPage', 'FPDF_ClosePage', 'FPDFPage_GetRotation', 'FPDF_GetPageBoundingBox'] as const),
  ...(['FPDFDOC_InitFormFillEnvironment', 'FPDFDOC_ExitFormFillEnvironment', 'FPDF_SetFormFieldHighlightAlpha'] as const),
  ...(['FORM_OnAfterLoadPage', 'FORM_OnBeforeClosePage', 'FPDF_FFLDraw', 'FPDF_RenderPageBitmap'] as const),
  ...(['FPDFBitmap_CreateEx', 'FPDFBitmap_FillRect', 'FPDFBitmap_Destroy'] as const),
  ...(['FPDFText_LoadPage', 'FPDFText_ClosePage', 'FPDFText_CountChars', 'FPDFText_GetText', 'FPDFText_GetUnicode'] as const),
  ...([
    'FPDFText_IsGenerated',
    'FPDFText_GetTextObject',
    'FPDFText_IsHyphen',
    'FPDFText_HasUnicodeMapError',
    'FPDFText_GetFontSize',
  ] as const),
  ...(['FPDFText_GetCharBox', 'FPDFText_GetLooseCharBox', 'FPDFText_GetMatrix'] as const),
  ...(['FPDFText_GetCharOrigin', 'FPDFPage_CountObjects', 'FPDFPage_GetObject', 'FPDFPageObj_GetType'] as const),
  ...(['FPDFPageObj_GetMatrix', 'FPDFPageObj_GetFillColor', 'FPDFPageObj_GetStrokeColor'] as const),
  ...(['FPDFPageObj_GetStrokeWidth', 'FPDFPath_GetDrawMode', 'FPDFPath_CountSegments', 'FPDFPath_GetPathSegment'] as const),
  ...(['FPDFPathSegment_GetPoint', 'FPDFPathSegment_GetType', 'FPDFPathSegment_GetClose'] as const),
  ...(['FPDFFormObj_CountObjects', 'FPDFFormObj_GetObject'] as const),
  ...(['FPDF_NewXObjectFromPage', 'FPDF_CloseXObject', 'FPDF_NewFormObjectFromXObject', 'FPDFPageObj_TransformF'] as const),
  ...(['FPDFPage_InsertObject', 'FPDFPage_GenerateContent', 'FPDF_SaveAsCopy'] as const),
];

type FunctionName = (typeof functionNames)[number];
/** Numbers, truth values (0 or 1) and addresses go in and come out. */
type Native = (...numbers: number[]) => number;

/** One instance of PDFium and its memory. */
export interface Pdfium {
  readonly call: Readonly<Record<FunctionName, Native>>;
  /** The whole memory as it is now; what is called may grow it, which makes a new one. */
  bytes(): Uint8Array;
  view(): DataView;
  /** An address of so many bytes, all zero, to be given back with `call.free`. */
  allocate(bytes: number): number;
  /**
   * Does something with the module. Where PDFium breaks (an assertion, a trap, no memory left) that is told as a `ServiceError`, and the
   * module is not used any more.
   */
  run<T>(work: () => T): T;
  /** The same, with a function that PDFium can call back: the address to pass is 0. */
  runWithCallback<T>(callback: (...numbers: number[]) => number, work: () => T): T;
  /** Whether what was opened in it can still be closed. */
  readonly isBroken: boolean;
  /** To be called for each document that is opened and closed, so that a large module is left when nobody needs it. */
  readonly documents: { count: number };
}

let loading: Promise<Pdfium> | undefined;
let compiling: Promise<WebAssembly.Module> | undefined;

/** PDFium, loaded when the first PDF comes, and anew when the one before broke or grew large. */
export async function loadPdfium(): Promise<Pdfium> {
  const pdfium = await loading?.catch(() => undefined);
  if (pdfium !== undefined && !isSpent(pdfium)) return pdfium;
  const fresh = startPdfium();
  loading = fresh;
  return fresh;
}

function isSpent(pdfium: Pdfium): boolean {
  return pdfium.isBroken || (pdfium.documents.count === 0 && pdfium.bytes().length > keptHeapBytesMax);
}

async function startPdfium(): Promise<Pdfium> {
  compiling ??= compile();
  const compiled = await compiling;
  const memoryLimit = { isReached: false };
  const instances: WebAssembly.Instance[] = [];
  const options = {
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Module) => void) {
      const instance = new WebAssembly.Instance(compiled, withMemoryLimit(imports, memoryLimit));
      instances.push(instance);
      done(instance);
      return instance.exports;
    },
    // What Emscripten says when something breaks is told as an error by `run`.
    print: () => undefined,
    printErr: () => undefined,
  };
  await PDFiumModule(options);
  const [instance] = instances;
  if (instance === undefined) throw new Error('PDFium was not instantiated');
  const pdfium = wrap(instance.exports, memoryLimit);
  pdfium.call.FPDF_InitLibrary();
  return pdfium;
}

/**
 * PDFium comes as thousands of small functions that call each other for each character. Put into each other as they are compiled they take a
 * tenth less time. A V8 that does not know the option goes on without.
 */
async function compile(): Promise<WebAssembly.Module> {
  setFlagsFromString('--wasm-inlining');
  const path = createRequire(import.meta.url).resolve('@hyzyla/pdfium/pdfium.wasm');
  return WebAssembly.compile(new Uint8Array(await readFile(path)));
}

/** Emscripten's own limit is 2 GB, more than an executor has. */
function withMemoryLimit(imports: WebAssembly.Imports, limit: { isReached: boolean }): WebAssembly.Imports {
  const grow = imports.env?.emscripten_resize_heap;
  if (!isNative(grow)) throw new Error('PDFium no longer asks for memory as it did; its limit must be set in another way');
  const growWithin = (bytes: number) => {
    // WebAssembly passes the size as a signed number.
    if (bytes >>> 0 <= heapBytesMax) return grow(bytes);
    limit.isReached = true;
    return 0;
  };
  return { ...imports, env: { ...imports.env, emscripten_resize_heap: growWithin } };
}

function wrap(exports: WebAssembly.Exports, memoryLimit: { isReached: boolean }): Pdfium {
  const { memory, __indirect_function_table: table } = exports;
  if (!(memory instanceof WebAssembly.Memory) || !(table instanceof WebAssembly.Table) || !hasFunctions(exports))
    throw new Error('PDFium does not export all that is used of it');
  let brokenBy: ServiceError | undefined;
  let bytes = new Uint8Array(memory.buffer);
  let view = new DataView(memory.buffer);
  const renew = () => {
    // Memory that has grown is another one, and the one before is without bytes. Asked for at every character.
    if (bytes.length > 0) return;
    bytes = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
  };
  const run = <T>(work: () => T): T => {
    if (brokenBy !== undefined) throw brokenBy;
    try {
      return work();
    } catch (error) {
      if (!isBreak(error)) throw error;
      brokenBy = memoryLimit.isReached ? tooMuchMemory({ cause: error }) : breakingOff({ cause: error });
      throw brokenBy;
    }
  };
  return {
    call: exports,
    documents: { count: 0 },
    get isBroken() {
      return brokenBy !== undefined;
    },
    bytes() {
      renew();
      return bytes;
    },
    view() {
      renew();
      return view;
    },
    allocate(size) {
      const address = exports.malloc(Math.max(size, 1));
      if (address === 0) throw tooMuchMemory({});
      renew();
      return bytes.fill(0, address, address + size) && address;
    },
    run,
    // The table has room for no further function, but its first place, the null pointer, is free: C never calls it.
    runWithCallback(callback, work) {
      table.set(0, callableFromC(callback));
      try {
        return run(work);
      } finally {
        table.set(0, null);
      }
    },
  };
}

function breakingOff(options: { cause: unknown }): ServiceError {
  const detail = 'The PDF is damaged: it makes its reader break off. Open it in the program that made it and save it again.';
  return new ServiceError('unprocessable-media', detail, options);
}

function tooMuchMemory(options: { cause?: unknown }): ServiceError {
  const limit = formatBytes(heapBytesMax);
  return new ServiceError(
    'media-limits-exceeded',
    `The PDF needs more memory than the ${limit} that it may have. Make it smaller, or split it.`,
    options,
  );
}

/** A trap, an abort of Emscripten, or a stack that is used up. */
function isBreak(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

function isNative(value: unknown): value is Native {
  return typeof value === 'function';
}

function hasFunctions(exports: WebAssembly.Exports): exports is WebAssembly.Exports & Record<FunctionName, Native> {
  return functionNames.every((name) => isNative(exports[name]));
}

/**
 * Tables take only functions of WebAssembly, so this is a module of 43 bytes that imports a function (three numbers in, one
 * out) and exports it again.
 */
function callableFromC(callback: (...numbers: number[]) => number): unknown {
  const type = [0x01, 0x08, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f];
  const imported = [0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x66, 0x00, 0x00];
  const exported = [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  const module = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imported, ...exported]));
  return new WebAssembly.Instance(module, { e: { f: callback } }).exports.f;
}
