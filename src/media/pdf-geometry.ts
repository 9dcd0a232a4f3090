import type { Pdfium } from './pdfium-module.ts';

// Where things lie on a page as it is shown: PDFs count from the bottom left of a page that is still to be turned.

/** x, y, width and height in points of the upright page, from its top left. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export interface PageGeometry {
  readonly width: number;
  readonly height: number;
  readonly rotation: 0 | 90 | 180 | 270;
  /** From the coordinates of the PDF. */
  upright(area: Area): Box;
  /** From the coordinates of the PDF to the upright page, with y pointing down. */
  readonly toUpright: Matrix;
  /** To the coordinates of the PDF, from those of the upright page with y pointing up. */
  readonly fromUpright: Matrix;
}

/** As PDFs have it: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** In coordinates of the PDF: y points up. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** What is shown of a page (its crop box), and how it is turned. */
export function readGeometry(pdfium: Pdfium, page: number): PageGeometry {
  const crop = readCrop(pdfium, page);
  const rotation = rotations[pdfium.call.FPDFPage_GetRotation(page)] ?? 0;
  const isLying = rotation === 90 || rotation === 270;
  const [across, down] = [crop.right - crop.left, crop.top - crop.bottom];
  return {
    width: isLying ? down : across,
    height: isLying ? across : down,
    rotation,
    upright: (area) => {
      const corner = cornerOf(area, crop, rotation);
      const [width, height] = [area.right - area.left, area.top - area.bottom];
      return isLying ? [...corner, height, width] : [...corner, width, height];
    },
    toUpright: toUpright(crop, rotation),
    fromUpright: fromUpright(crop, rotation),
  };
}

const rotations = [0, 90, 180, 270] as const;

function readCrop(pdfium: Pdfium, page: number): Area {
  const rectangle = pdfium.allocate(16);
  try {
    pdfium.call.FPDF_GetPageBoundingBox(page, rectangle);
    return readRectangle(pdfium.view(), rectangle);
  } finally {
    pdfium.call.free(rectangle);
  }
}

/** An `FS_RECTF`. */
export function readRectangle(view: DataView, address: number): Area {
  return {
    left: view.getFloat32(address, true),
    top: view.getFloat32(address + 4, true),
    right: view.getFloat32(address + 8, true),
    bottom: view.getFloat32(address + 12, true),
  };
}

function cornerOf(area: Area, crop: Area, rotation: number): [number, number] {
  if (rotation === 90) return [area.bottom - crop.bottom, area.left - crop.left];
  if (rotation === 180) return [crop.right - area.right, area.bottom - crop.bottom];
  if (rotation === 270) return [crop.top - area.top, crop.right - area.right];
  return [area.left - crop.left, crop.top - area.top];
}

function toUpright({ left, right, bottom, top }: Area, rotation: number): Matrix {
  if (rotation === 90) return [0, 1, 1, 0, -bottom, -left];
  if (rotation === 180) return [-1, 0, 0, 1, right, -bottom];
  if (rotation === 270) return [0, -1, -1, 0, top, right];
  return [1, 0, 0, -1, -left, top];
}

function fromUpright({ left, right, bottom, top }: Area, rotation: number): Matrix {
  if (rotation === 90) return [0, 1, -1, 0, right, bottom];
  if (rotation === 180) return [-1, 0, 0, -1, right, top];
  if (rotation === 270) return [0, -1, 1, 0, left, top];
  return [1, 0, 0, 1, left, bottom];
}
