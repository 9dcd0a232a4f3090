import type { Box, Matrix, PageGeometry } from './pdf-geometry.ts';
import type { Pdfium } from './pdfium-module.ts';

// What is drawn on a page besides its text: straight lines, filled areas, pictures.

/** More than any page that was made to be looked at; what comes after them is left out. */
const objectsMax = 100_000;
const segmentsMax = 400_000;
/** Forms that contain forms. */
const depthMax = 12;

export interface PdfDrawing {
  /** Straight lines that lie or stand, on the upright page. */
  readonly lines: readonly DrawnLine[];
  /** Rectangles that are filled with a colour, thin ones among them: those may be meant as lines. */
  readonly fills: readonly DrawnFill[];
  /** What pictures cover. */
  readonly pictures: readonly Box[];
}

export interface DrawnLine {
  /** In points of the upright page; from left to right or from top to bottom. */
  readonly from: Point;
  readonly to: Point;
}

export interface DrawnFill {
  readonly box: Box;
  /** Red, green and blue of 8 bits each in one number; null where it cannot be told, as of patterns. */
  readonly colour: number | null;
  /** Like paper: it cannot be seen on it. */
  readonly isWhite: boolean;
}

type Point = readonly [x: number, y: number];

interface Reading {
  readonly pdfium: Pdfium;
  /** 32 bytes for what is given back by address. */
  readonly scratch: number;
  readonly geometry: PageGeometry;
  readonly lines: DrawnLine[];
  readonly fills: DrawnFill[];
  readonly pictures: Box[];
  objects: number;
  segments: number;
}

export function readDrawing(pdfium: Pdfium, page: number, geometry: PageGeometry): PdfDrawing {
  const scratch = pdfium.allocate(32);
  const read: Reading = { pdfium, scratch, geometry, lines: [], fills: [], pictures: [], objects: 0, segments: 0 };
  const { FPDFPage_CountObjects, FPDFPage_GetObject } = pdfium.call;
  const count = FPDFPage_CountObjects(page);
  for (let at = 0; at < count && read.objects < objectsMax; at += 1) readObject(read, FPDFPage_GetObject(page, at), identity, 0);
  pdfium.call.free(scratch);
  const { lines, fills, pictures } = read;
  return { lines, fills, pictures };
}

const identity: Matrix = [1, 0, 0, 1, 0, 0];
const [pathType, imageType, formType] = [2, 3, 5];

function readObject(read: Reading, object: number, within: Matrix, depth: number): void {
  if (object === 0) return;
  read.objects += 1;
  const { call } = read.pdfium;
  const type = call.FPDFPageObj_GetType(object);
  if (type === pathType) readPath(read, object, within);
  if (type === imageType) readPicture(read, object, within);
  if (type !== formType || depth === depthMax) return;
  const matrix = times(matrixOf(read, object), within);
  const count = call.FPDFFormObj_CountObjects(object);
  for (let at = 0; at < count && read.objects < objectsMax; at += 1)
    readObject(read, call.FPDFFormObj_GetObject(object, at), matrix, depth + 1);
}

function readPicture(read: Reading, object: number, within: Matrix): void {
  const matrix = times(matrixOf(read, object), within);
  const corners = [at(matrix, 0, 0), at(matrix, 1, 0), at(matrix, 0, 1), at(matrix, 1, 1)];
  read.pictures.push(upright(read, corners));
}

function matrixOf({ pdfium, scratch }: Reading, object: number): Matrix {
  if (pdfium.call.FPDFPageObj_GetMatrix(object, scratch) === 0) return identity;
  const view = pdfium.view();
  const value = (place: number) => view.getFloat32(scratch + 4 * place, true);
  return [value(0), value(1), value(2), value(3), value(4), value(5)];
}

/** First `a`, then `b`. */
function times(a: Matrix, b: Matrix): Matrix {
  return [
    a[0] * b[0] + a[1] * b[2],
    a[0] * b[1] + a[1] * b[3],
    a[2] * b[0] + a[3] * b[2],
    a[2] * b[1] + a[3] * b[3],
    a[4] * b[0] + a[5] * b[2] + b[4],
    a[4] * b[1] + a[5] * b[3] + b[5],
  ];
}

function at([a, b, c, d, e, f]: Matrix, x: number, y: number): Point {
  return [a * x + c * y + e, b * x + d * y + f];
}

function upright({ geometry }: Reading, points: readonly Point[]): Box {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return geometry.upright({ left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) });
}

/** Strokes give their straight parts, fills the rectangles that they are made of. */
function readPath(read: Reading, path: number, within: Matrix): void {
  const { pdfium, scratch } = read;
  if (pdfium.call.FPDFPath_GetDrawMode(path, scratch, scratch + 4) === 0) return;
  const view = pdfium.view();
  const [isFilled, isStroked] = [view.getInt32(scratch, true) !== 0, view.getInt32(scratch + 4, true) !== 0];
  if (!isFilled && !isStroked) return;
  const matrix = times(matrixOf(read, path), within);
  const figures = figuresOf(read, path, matrix);
  const strokeWidth = isStroked ? widthOf(read, path, matrix) : 0;
  const ink = isStroked ? inkOf(read, path, pdfium.call.FPDFPageObj_GetStrokeColor) : noInk;
  const paint = isFilled ? inkOf(read, path, pdfium.call.FPDFPageObj_GetFillColor) : noInk;
  for (const { points, curved } of figures) {
    for (const line of isStroked ? strokesOf(points, curved) : []) addStroke(read, line, strokeWidth, ink);
    if (isFilled && curved.size === 0 && isRectangle(points)) read.fills.push({ box: upright(read, points), ...paint });
  }
}

interface Figure {
  readonly points: Point[];
  /** The numbers of the points that a curve leads to, its control points among them. */
  readonly curved: Set<number>;
}

const [curveTo, moveTo] = [1, 2];

function figuresOf(read: Reading, path: number, matrix: Matrix): Figure[] {
  const { pdfium, scratch } = read;
  const { call } = pdfium;
  const figures: Figure[] = [];
  const count = Math.min(call.FPDFPath_CountSegments(path), segmentsMax - read.segments);
  read.segments += Math.max(count, 0);
  for (let place = 0; place < count; place += 1) {
    const segment = call.FPDFPath_GetPathSegment(path, place);
    if (segment === 0 || call.FPDFPathSegment_GetPoint(segment, scratch, scratch + 4) === 0) continue;
    const view = pdfium.view();
    const point = at(matrix, view.getFloat32(scratch, true), view.getFloat32(scratch + 4, true));
    const type = call.FPDFPathSegment_GetType(segment);
    if (type === moveTo || figures.length === 0) figures.push({ points: [], curved: new Set() });
    const figure = figures.at(-1);
    if (figure === undefined) continue;
    extend(figure, point);
    if (type === curveTo) figure.curved.add(figure.points.length - 1);
    const [first] = figure.points;
    if (type !== moveTo && first !== undefined && call.FPDFPathSegment_GetClose(segment) === 1) extend(figure, first);
  }
  return figures;
}

/** Paths often go back to where they are already. */
function extend({ points }: Figure, [x, y]: Point): void {
  const last = points.at(-1);
  if (last === undefined || Math.hypot(last[0] - x, last[1] - y) > 0.01) points.push([x, y]);
}

/** How far a line may lean, in points, to lie or stand. */
const leanMax = 1;

function strokesOf(points: readonly Point[], curved: ReadonlySet<number>): [Point, Point][] {
  return points.flatMap((to, place): [Point, Point][] => {
    const from = points[place - 1];
    if (from === undefined || curved.has(place)) return [];
    const [across, down] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
    return Math.min(across, down) <= leanMax && Math.max(across, down) > leanMax ? [[from, to]] : [];
  });
}

/** A line that is thicker, in points, is an area that somebody filled with one stroke. */
const lineWidthMax = 5;

function widthOf({ pdfium, scratch }: Reading, path: number, [a, b, c, d]: Matrix): number {
  if (pdfium.call.FPDFPageObj_GetStrokeWidth(path, scratch) === 0) return 0;
  return pdfium.view().getFloat32(scratch, true) * Math.sqrt(Math.abs(a * d - b * c));
}

function addStroke(read: Reading, points: readonly [Point, Point], strokeWidth: number, ink: Ink): void {
  const [x, y, width, height] = upright(read, points);
  // What leans a little is laid straight.
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const isLying = width > height;
  if (strokeWidth > lineWidthMax) {
    const half = strokeWidth / 2;
    const box: Box = isLying ? [x, middleY - half, width, strokeWidth] : [middleX - half, y, strokeWidth, height];
    read.fills.push({ box, ...ink });
  } else if (!ink.isWhite) {
    const [from, to]: [Point, Point] = isLying
      ? [
          [x, middleY],
          [x + width, middleY],
        ]
      : [
          [middleX, y],
          [middleX, y + height],
        ];
    read.lines.push({ from, to });
  }
}

/** Four corners, each reached from the one before by a line that lies or stands. */
function isRectangle(points: readonly Point[]): boolean {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return false;
  const isClosed = points.length > 4 && Math.hypot(first[0] - last[0], first[1] - last[1]) <= 0.01;
  const corners = isClosed ? points.slice(0, -1) : points;
  if (corners.length !== 4) return false;
  return corners.every(([x, y], place) => {
    const [nextX, nextY] = corners[(place + 1) % 4] ?? [x, y];
    return Math.min(Math.abs(nextX - x), Math.abs(nextY - y)) < leanMax / 4;
  });
}

/** From here on a channel of a colour is as good as white. */
const whiteMin = 250;

type Ink = Pick<DrawnFill, 'colour' | 'isWhite'>;

const noInk: Ink = { colour: null, isWhite: false };

function inkOf({ pdfium, scratch }: Reading, object: number, colourOf: (...numbers: number[]) => number): Ink {
  if (colourOf(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return noInk;
  const view = pdfium.view();
  const channel = (place: number) => view.getUint32(scratch + 4 * place, true) & 0xff;
  const [red, green, blue, alpha] = [channel(0), channel(1), channel(2), channel(3)];
  return { colour: (red << 16) + (green << 8) + blue, isWhite: alpha === 0 || Math.min(red, green, blue) >= whiteMin };
}
