/** Which engine is to read: the program where it is installed and tesseract.js where not, or always one of them. */
export const ocrEngines = ['auto', 'program', 'js'] as const;
export type OcrEngineChoice = (typeof ocrEngines)[number];
