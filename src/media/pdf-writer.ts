// Writes the objects of a new PDF (ISO 32000-1, 7.5) one after the other, so that a large one never lies in memory.

/** The number of an object. */
export type PdfObject = number;

export interface PdfWriter {
  /** A number for an object that is written later. */
  reserve(): PdfObject;
  /** `content` is the object as it is spelled in a PDF, such as `<< /Type /Page >>`. */
  write(object: PdfObject, content: string): void;
  /** `entries` of the dictionary, all but the length. */
  writeStream(object: PdfObject, entries: string, bytes: Uint8Array): void;
  /** Writes what is at the end: the pages, in this order, and where each object lies. */
  finish(pages: readonly PdfObject[]): void;
  /** The parent that each page has to name. */
  readonly pageTree: PdfObject;
}

/** A reference to an object. */
export function ref(object: PdfObject): string {
  return `${object} 0 R`;
}

export function pdfWriter(sink: (bytes: Uint8Array) => void): PdfWriter {
  const offsets: number[] = [];
  let length = 0;
  const put = (bytes: string | Uint8Array) => {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    sink(buffer);
    length += buffer.length;
  };
  const reserve = () => offsets.push(0);
  const begin = (object: PdfObject) => {
    offsets[object - 1] = length;
    put(`${object} 0 obj\n`);
  };
  // The second line tells transfers that the file is binary.
  put('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n');
  const pageTree = reserve();
  const write = (object: PdfObject, content: string) => {
    begin(object);
    put(`${content}\nendobj\n`);
  };
  return {
    pageTree,
    reserve,
    write,
    writeStream(object, entries, bytes) {
      begin(object);
      put(`<< ${entries} /Length ${bytes.length} >>\nstream\n`);
      put(bytes);
      put('\nendstream\nendobj\n');
    },
    finish(pages) {
      write(pageTree, `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map(ref).join(' ')}] >>`);
      const catalog = reserve();
      write(catalog, `<< /Type /Catalog /Pages ${ref(pageTree)} >>`);
      const start = length;
      const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
      put(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${entries.join('')}`);
      put(`trailer\n<< /Size ${offsets.length + 1} /Root ${ref(catalog)} >>\nstartxref\n${start}\n%%EOF\n`);
    },
  };
}
